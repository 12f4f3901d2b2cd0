/** Generated from mobile/home.graphql by `npm run generate`; not edited by hand. */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] }
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never }
export type MobileHomeVariables = Exact<{ [key: string]: never }>

export type MobileHomeData = {
  readonly me: {
    readonly firstName: string
    readonly unreadNotifications: number
    readonly cart: { readonly itemCount: number }
    readonly recommendedProducts: ReadonlyArray<{
      readonly id: string
      readonly name: string
      readonly image: { readonly url: string; readonly width: number; readonly height: number }
      readonly price: { readonly amount: string; readonly currency: string }
    }>
  } | null
}
