/** Generated from mobile/dashboard.graphql by `npm run generate`; not edited by hand. */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] }
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never }
export type OrderStatus = 'PENDING' | 'CONFIRMED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED'

export type MobileDashboardVariables = Exact<{
  orders?: number | null | undefined
}>

export type MobileDashboardData = {
  readonly me: {
    readonly name: string
    readonly avatarUrl: string
    readonly unreadNotifications: number
    readonly orders: {
      readonly totalCount: number
      readonly nodes: ReadonlyArray<{
        readonly id: string
        readonly number: string
        readonly status: OrderStatus
        readonly placedAt: string
        readonly total: { readonly amount: string; readonly currency: string }
      }>
    } | null
    readonly cart: {
      readonly itemCount: number
      readonly subtotal: { readonly amount: string; readonly currency: string }
    }
  } | null
}
