/** Generated from mobile/dashboard.graphql by `npm run generate`; not edited by hand. */
export type OrderStatus = 'PENDING' | 'CONFIRMED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED'

export type MobileDashboardVariables = {
  orders?: number | null | undefined
}

export type MobileDashboardData = {
  readonly me: {
    readonly name: string
    readonly avatarUrl: string
    readonly unreadNotifications: number
  } | null
  readonly shopping: {
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
