/** Generated from web/dashboard.graphql by `npm run generate`; not edited by hand. */
export type OrderStatus = 'PENDING' | 'CONFIRMED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED'

export type WebDashboardVariables = {
  orders?: number | null | undefined
  recommendations?: number | null | undefined
}

export type WebDashboardData = {
  readonly me: {
    readonly id: string
    readonly name: string
    readonly avatarUrl: string
    readonly notifications: {
      readonly totalCount: number
      readonly nodes: ReadonlyArray<{
        readonly id: string
        readonly title: string
        readonly body: string
        readonly createdAt: string
      }>
    }
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
        readonly lines: ReadonlyArray<{
          readonly quantity: number
          readonly product: {
            readonly id: string
            readonly name: string
            readonly image: { readonly url: string }
          }
          readonly total: { readonly amount: string; readonly currency: string }
        }>
      }>
    } | null
    readonly cart: {
      readonly id: string
      readonly itemCount: number
      readonly subtotal: { readonly amount: string; readonly currency: string }
    }
  } | null
  readonly recommendations: {
    readonly recommendedProducts: ReadonlyArray<{
      readonly id: string
      readonly name: string
      readonly rating: number | null
      readonly image: { readonly url: string; readonly width: number; readonly height: number }
      readonly price: { readonly amount: string; readonly currency: string }
    }>
  } | null
}
