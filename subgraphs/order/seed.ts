import { sql } from 'kysely'
import { seedProducts } from '../kit/catalogue.js'
import type { SeedProduct } from '../kit/catalogue.js'
import { insertRows, runStatements } from '../kit/migrations.js'
import type { Migration } from '../kit/migrations.js'
import { multiply, sum } from '../kit/money.js'
import { createRandom } from '../kit/random.js'
import type { Random } from '../kit/random.js'
import { SEED_COUNTS, SEED_DAY, TENANTS } from '../kit/tenants.js'
import type { SeedTenant } from '../kit/tenants.js'
import { toOrderNumber } from './order-number.js'
import { ORDER_TABLE_DEFINITIONS } from './tables.js'
import type { LineRow, OrderStatus, OrderTables } from './tables.js'

/** The seeded shop takes an order every four hours. */
const BETWEEN_ORDERS_MILLISECONDS = 4 * 3_600_000

/** Every so many orders, one is of the first user: enough for several pages. */
const FIRST_USERS_SHARE = 100

export const ORDER_MIGRATIONS: readonly Migration<OrderTables>[] = [
  {
    name: '0001_tables',
    progress: 'creating the tables of the orders',
    run: (transaction) => runStatements(transaction, ORDER_TABLE_DEFINITIONS),
  },
  {
    name: '0002_seed',
    progress: `filling in the orders (${SEED_COUNTS.orders * TENANTS.length})`,
    run: async (transaction) => {
      for (const tenant of TENANTS) {
        const products = seedProducts(tenant)
        const orders = Array.from({ length: SEED_COUNTS.orders }, (_, index) =>
          seedOrder(tenant, index + 1, products),
        )
        await insertRows(transaction, 'order_service.price_list', priceRows(tenant, products))
        await insertRows(
          transaction,
          'order_service.orders',
          orders.map(({ order }) => order),
        )
        await insertRows(
          transaction,
          'order_service.order_lines',
          orders.flatMap(({ lines }) => lines),
        )
        await insertRows(transaction, 'order_service.cart_lines', cartRows(tenant, products))
      }
      await sql`select setval('order_service.order_seq', ${SEED_COUNTS.orders})`.execute(transaction)
    },
  },
]

function priceRows(tenant: SeedTenant, products: readonly SeedProduct[]): readonly object[] {
  return products.map(({ id, amount, currency }) => ({
    tenant_id: tenant.id,
    product_id: id,
    amount,
    currency,
  }))
}

function seedOrder(
  tenant: SeedTenant,
  seq: number,
  products: readonly SeedProduct[],
): { readonly order: object; readonly lines: readonly object[] } {
  const random = createRandom(`order ${tenant.id} ${seq}`)
  const user = seq % FIRST_USERS_SHARE === 1 ? 1 : random.between(1, SEED_COUNTS.users)
  const lines = pickLines(random, products, random.between(1, 4))
  const total = sum(
    lines.map((line) => multiply({ amount: line.unit_amount, currency: line.currency }, line.quantity)),
  )
  const id = `${tenant.prefix}o-${seq}`
  const order = {
    tenant_id: tenant.id,
    id,
    seq,
    number: toOrderNumber(tenant.id, seq),
    user_id: `${tenant.prefix}u-${user}`,
    status: seedStatus(random, SEED_COUNTS.orders - seq),
    placed_at: new Date(
      SEED_DAY - (SEED_COUNTS.orders - seq) * BETWEEN_ORDERS_MILLISECONDS - random.between(0, 3_600) * 1000,
    ).toISOString(),
    total_amount: total.amount,
    currency: total.currency,
    shipping_country: random.pick(['DE', 'DE', 'DE', 'AT', 'FR', 'NL', 'GB', 'US']),
    note: null,
  }
  return {
    order,
    lines: lines.map((line, index) => ({
      tenant_id: tenant.id,
      order_id: id,
      position: index + 1,
      ...line,
    })),
  }
}

/** The newest orders are open, the older ones done. */
function seedStatus(random: Random, age: number): OrderStatus {
  if (age < 110) return random.pick(['PENDING', 'CONFIRMED'])
  if (age < 200) return 'SHIPPED'
  return random.chance(0.05) ? 'CANCELLED' : 'DELIVERED'
}

function pickLines(random: Random, products: readonly SeedProduct[], count: number): readonly LineRow[] {
  const lines = new Map<string, LineRow>()
  while (lines.size < count) {
    const product = random.pick(products)
    lines.set(product.id, {
      product_id: product.id,
      quantity: random.pick([1, 1, 1, 2, 3]),
      unit_amount: product.amount,
      currency: product.currency,
    })
  }
  return [...lines.values()]
}

/** The first user and a third of the others left something in the cart. */
function cartRows(tenant: SeedTenant, products: readonly SeedProduct[]): readonly object[] {
  return Array.from({ length: SEED_COUNTS.users }, (_, index) => index + 1).flatMap((user) => {
    const random = createRandom(`cart ${tenant.id} ${user}`)
    if (user !== 1 && !random.chance(1 / 3)) return []
    return pickLines(random, products, user === 1 ? 3 : random.between(1, 4)).map((line, position) => ({
      tenant_id: tenant.id,
      user_id: `${tenant.prefix}u-${user}`,
      product_id: line.product_id,
      quantity: line.quantity,
      added_at: new Date(SEED_DAY + position * 1000).toISOString(),
    }))
  })
}
