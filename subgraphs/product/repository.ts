import { sql } from 'kysely'
import type { Expression, Kysely, SqlBool } from 'kysely'
import type { Page, PageRequest } from '../kit/connection.js'
import type { CategoryRow, ProductRow, ProductTables } from './tables.js'
import { sortedBy } from './product-order.js'
import type { ProductSort } from './product-order.js'

const PRODUCT_COLUMNS = [
  'id',
  'seq',
  'sku',
  'name',
  'description',
  'amount',
  'currency',
  'weight_grams',
  'in_stock',
  'rating',
  'category_id',
] as const

const CATEGORY_COLUMNS = ['id', 'seq', 'name', 'description'] as const

export interface ProductFilter {
  readonly categoryId?: string | null
  readonly minPrice?: string | null
  readonly maxPrice?: string | null
  readonly inStock?: boolean | null
  readonly text?: string | null
}

/** Every statement about the catalogue; each is about one tenant only. */
export interface ProductRepository {
  readonly findByIds: (ids: readonly string[]) => Promise<readonly ProductRow[]>
  readonly findBySkus: (skus: readonly string[]) => Promise<readonly ProductRow[]>
  readonly findCategories: (ids: readonly string[]) => Promise<readonly CategoryRow[]>
  readonly listCategories: () => Promise<readonly CategoryRow[]>
  readonly listPage: (
    filter: ProductFilter,
    sort: ProductSort,
    page: PageRequest,
  ) => Promise<Page<ProductRow>>
  readonly search: (text: string, limit: number) => Promise<readonly ProductRow[]>
  readonly listRecommended: (
    userIds: readonly string[],
    limit: number,
  ) => Promise<readonly (ProductRow & { readonly user_id: string })[]>
}

export function createProductRepository(db: Kysely<ProductTables>, tenantId: string): ProductRepository {
  const products = db.selectFrom('product_service.products as p').where('p.tenant_id', '=', tenantId)
  const rows = products.select(PRODUCT_COLUMNS.map((column) => `p.${column}` as const))
  const categories = db
    .selectFrom('product_service.categories')
    .select(CATEGORY_COLUMNS)
    .where('tenant_id', '=', tenantId)
  return {
    findByIds: (ids) => rows.where('p.id', 'in', [...ids]).execute(),
    findBySkus: (skus) => rows.where('p.sku', 'in', [...skus]).execute(),
    findCategories: (ids) => categories.where('id', 'in', [...ids]).execute(),
    listCategories: () => categories.orderBy('seq').execute(),
    listPage: async (filter, sort, page) => {
      const matching = sql.join<SqlBool>(toConditions(filter), sql` and `)
      const { expression, after, direction } = sortedBy(sort, page.after)
      const total = page.withTotal
        ? products.where(matching).select(sql<number>`count(*)::int`.as('total'))
        : undefined
      const found = await rows
        .select(total === undefined ? sql<number>`0`.as('total') : sql<number>`${total}`.as('total'))
        .where(matching)
        .where(after)
        .orderBy(expression, direction)
        .orderBy('p.seq', direction)
        .limit(page.size + 1)
        .execute()
      return { rows: found, total: found[0]?.total ?? (total === undefined ? 0 : await countOf(total)) }
    },
    search: (text, limit) => {
      const inName = sql.join<SqlBool>(
        toWords(text).map((word) => sql`p.name ilike ${toPattern(word)}`),
        sql` and `,
      )
      return rows
        .where(sql.join<SqlBool>(toConditions({ text }), sql` and `))
        .orderBy(sql`(${inName})`, 'desc')
        .orderBy('p.seq')
        .limit(limit)
        .execute()
    },
    listRecommended: async (userIds, limit) =>
      db
        .selectFrom('product_service.recommendations as r')
        .innerJoin('product_service.products as p', (join) =>
          join.onRef('p.tenant_id', '=', 'r.tenant_id').onRef('p.id', '=', 'r.product_id'),
        )
        .select('r.user_id')
        .select(PRODUCT_COLUMNS.map((column) => `p.${column}` as const))
        .where('r.tenant_id', '=', tenantId)
        .where('r.user_id', 'in', [...userIds])
        .where('r.rank', '<=', limit)
        .orderBy('r.user_id')
        .orderBy('r.rank')
        .execute(),
  }
}

/** An empty page after the end of a list, or of size 0, has no row that could carry the total. */
async function countOf(query: {
  execute(): Promise<readonly { readonly total: number }[]>
}): Promise<number> {
  return (await query.execute())[0]?.total ?? 0
}

function toConditions(filter: ProductFilter): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [sql`true`]
  if (isGiven(filter.categoryId)) conditions.push(sql`p.category_id = ${filter.categoryId}`)
  if (isGiven(filter.minPrice)) conditions.push(sql`p.amount >= ${filter.minPrice}::numeric`)
  if (isGiven(filter.maxPrice)) conditions.push(sql`p.amount <= ${filter.maxPrice}::numeric`)
  if (isGiven(filter.inStock)) conditions.push(sql`p.in_stock = ${filter.inStock}`)
  for (const word of toWords(filter.text ?? '')) {
    const pattern = toPattern(word)
    conditions.push(
      sql`(p.name ilike ${pattern} or p.description ilike ${pattern} or p.sku ilike ${pattern})`,
    )
  }
  return conditions
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined
}

/** The words that are looked for; more than eight add nothing but work. */
function toWords(text: string): readonly string[] {
  return text.split(/\s+/).filter(Boolean).slice(0, 8)
}

function toPattern(word: string): string {
  return `%${word.replace(/[\\%_]/g, '\\$&')}%`
}
