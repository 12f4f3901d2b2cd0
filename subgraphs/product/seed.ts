import { seedCategories, seedProducts } from '../kit/catalogue.js'
import { insertRows, runStatements } from '../kit/migrations.js'
import type { Migration } from '../kit/migrations.js'
import { createRandom } from '../kit/random.js'
import { SEED_COUNTS, TENANTS } from '../kit/tenants.js'
import type { SeedTenant } from '../kit/tenants.js'
import { PRODUCT_TABLE_DEFINITIONS } from './tables.js'
import type { ProductTables } from './tables.js'

/** How many products are recommended to each user. */
const RECOMMENDED = 12

export const PRODUCT_MIGRATIONS: readonly Migration<ProductTables>[] = [
  {
    name: '0001_tables',
    progress: 'creating the tables of the catalogue',
    run: (transaction) => runStatements(transaction, PRODUCT_TABLE_DEFINITIONS),
  },
  {
    name: '0002_seed',
    progress: `filling the catalogue (${SEED_COUNTS.products * TENANTS.length} products)`,
    run: async (transaction) => {
      for (const tenant of TENANTS) {
        await insertRows(transaction, 'product_service.categories', categoryRows(tenant))
        await insertRows(transaction, 'product_service.products', productRows(tenant))
        await insertRows(transaction, 'product_service.recommendations', recommendationRows(tenant))
      }
    },
  },
]

function categoryRows(tenant: SeedTenant): readonly object[] {
  return seedCategories(tenant).map((category) => ({ tenant_id: tenant.id, ...category }))
}

function productRows(tenant: SeedTenant): readonly object[] {
  return seedProducts(tenant).map((product) => ({
    tenant_id: tenant.id,
    id: product.id,
    seq: product.seq,
    sku: product.sku,
    name: product.name,
    description: product.description,
    amount: product.amount,
    currency: product.currency,
    weight_grams: product.weightGrams,
    in_stock: product.inStock,
    rating: product.rating,
    category_id: product.categoryId,
  }))
}

/** Every user has a taste: two categories, of which the better rated products come first. */
function recommendationRows(tenant: SeedTenant): readonly object[] {
  const products = seedProducts(tenant).filter((product) => product.inStock)
  const categories = seedCategories(tenant)
  return Array.from({ length: SEED_COUNTS.users }, (_, index) => index + 1).flatMap((user) => {
    const random = createRandom(`taste ${tenant.id} ${user}`)
    const liked = new Set([random.pick(categories).id, random.pick(categories).id])
    return products
      .filter((product) => liked.has(product.categoryId))
      .map((product) => ({ product, score: Number(product.rating ?? 3) * 10 + random.between(0, 20) }))
      .sort((left, right) => right.score - left.score)
      .slice(0, RECOMMENDED)
      .map(({ product }, rank) => ({
        tenant_id: tenant.id,
        user_id: `${tenant.prefix}u-${user}`,
        rank: rank + 1,
        product_id: product.id,
      }))
  })
}
