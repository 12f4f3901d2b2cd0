/** Generated from web/product.graphql by `npm run generate`; not edited by hand. */
export type WebProductVariables = {
  id: string | number
  country?: string | null | undefined
}

export type WebProductData = {
  readonly product: {
    readonly id: string
    readonly sku: string
    readonly name: string
    readonly description: string
    readonly weightGrams: number
    readonly inStock: boolean
    readonly rating: number | null
    readonly price: { readonly amount: string; readonly currency: string }
    readonly category: { readonly id: string; readonly name: string }
    readonly image: { readonly url: string; readonly width: number; readonly height: number }
    readonly shippingEstimate: { readonly amount: string; readonly currency: string }
  } | null
}
