import { defineEndpoint } from '../../src/bff/define-endpoint.js'
import type { WebProductData } from './product.data.js'

/** One product's page; open to everybody. Unknown ids are 404. */
export const webProduct = defineEndpoint<WebProductData>({
  module: import.meta.url,
  path: '/web/products/:id',
  summary: 'One product with its price, stock and shipping estimate.',
  required: ['product'],
  present: ({ product }) => product,
})
