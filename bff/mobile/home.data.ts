/** Generated from mobile/home.graphql by `npm run generate`; not edited by hand. */
export type MobileHomeVariables = { [key: string]: never }

export type MobileHomeData = {
  readonly me: { readonly firstName: string; readonly unreadNotifications: number } | null
  readonly shopping: { readonly cart: { readonly itemCount: number } } | null
  readonly recommendations: {
    readonly recommendedProducts: ReadonlyArray<{
      readonly id: string
      readonly name: string
      readonly image: { readonly url: string; readonly width: number; readonly height: number }
      readonly price: { readonly amount: string; readonly currency: string }
    }>
  } | null
}
