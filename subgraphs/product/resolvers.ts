import type { GraphQLResolveInfo } from 'graphql'
import { readPage, readPageSize, toConnection } from '../kit/connection.js'
import type { Connection, PageArguments } from '../kit/connection.js'
import { fault } from '../kit/faults.js'
import type { Money } from '../kit/money.js'
import { decimalScalar } from '../kit/scalars.js'
import type { SubgraphContext } from '../kit/subgraph-context.js'
import type { ProductLoaders } from './loaders.js'
import { imageOf } from './product-image.js'
import type { Image } from './product-image.js'
import { positionOf } from './product-order.js'
import type { ProductSort } from './product-order.js'
import type { ProductFilter } from './repository.js'
import type { CategoryRow, ProductRow } from './tables.js'

type Context = SubgraphContext<ProductLoaders>
type Found<Row> = Promise<Row | null>

const queryFields = {
  product: async (
    _root: unknown,
    { id, sku }: { readonly id?: string | null; readonly sku?: string | null },
    { loaders }: Context,
  ): Found<ProductRow> => {
    if (typeof id === 'string' && typeof sku !== 'string') return loaders.byId.load(id)
    if (typeof sku === 'string' && typeof id !== 'string') return loaders.bySku.load(sku)
    throw fault('BAD_USER_INPUT', 'A product is asked for by either "id" or "sku".')
  },
  products: async (
    _root: unknown,
    args: PageArguments & { readonly filter?: ProductFilter | null; readonly sort?: ProductSort | null },
    { loaders }: Context,
    info: GraphQLResolveInfo,
  ): Promise<Connection<ProductRow>> => {
    const sort = args.sort ?? 'CATALOGUE'
    const request = readPage(args, 20, sort, info)
    const page = await loaders.repository.listPage(args.filter ?? {}, sort, request)
    return toConnection(page, request, sort, (row) => positionOf(sort, row))
  },
  searchProducts: async (
    _root: unknown,
    { text, first }: { readonly text: string; readonly first?: number | null },
    { loaders }: Context,
  ): Promise<readonly ProductRow[]> => {
    if (text.trim() === '' || text.length > 200) {
      throw fault('BAD_USER_INPUT', '"text" must have 1 to 200 characters.')
    }
    return loaders.repository.search(text, readPageSize(first, 20))
  },
  categories: async (_root: unknown, _args: unknown, { loaders }: Context): Promise<readonly CategoryRow[]> =>
    loaders.repository.listCategories(),
}

const productFields = {
  __resolveReference: async (
    reference: { readonly id?: string; readonly sku?: string },
    { loaders }: Context,
  ): Found<ProductRow> => {
    if (reference.id !== undefined) return loaders.byId.load(reference.id)
    return reference.sku === undefined ? null : loaders.bySku.load(reference.sku)
  },
  price: ({ amount, currency }: ProductRow): Money => ({ amount, currency }),
  weightGrams: (product: ProductRow): number => product.weight_grams,
  inStock: (product: ProductRow): boolean => product.in_stock,
  rating: (product: ProductRow): number | null => (product.rating === null ? null : Number(product.rating)),
  category: async (product: ProductRow, _args: unknown, { loaders }: Context): Found<CategoryRow> =>
    loaders.category.load(product.category_id),
  image: (product: ProductRow, { width }: { readonly width?: number | null }, { assetUrl }: Context): Image =>
    imageOf(product, width, assetUrl),
}

const userFields = {
  __resolveReference: ({ id }: { readonly id: string }): { readonly id: string } => ({ id }),
  recommendedProducts: async (
    user: { readonly id: string },
    { first }: { readonly first?: number | null },
    { loaders }: Context,
  ): Promise<readonly ProductRow[]> =>
    loaders.recommended.load({ parentId: user.id, arguments: { first: readPageSize(first, 10) } }),
}

export const productResolvers = {
  Decimal: decimalScalar,
  Query: queryFields,
  Product: productFields,
  User: userFields,
}
