import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Kysely, Transaction } from 'kysely'
import { fault } from '../kit/faults.js'
import { multiply, sum } from '../kit/money.js'
import { hashText } from '../kit/random.js'
import { idPrefix } from '../kit/tenants.js'
import { readQuantity } from './cart.js'
import { toOrderNumber } from './order-number.js'
import { ORDER_COLUMNS } from './repository.js'
import { readCountry } from './shipping.js'
import type { LineRow, OrderRow, OrderTables } from './tables.js'

/** The most different products in one order. */
const LARGEST_ORDER_LINES = 100

export interface PlaceOrderInput {
  readonly idempotencyKey: string
  readonly lines?: readonly { readonly productId: string; readonly quantity: number }[] | null
  readonly shippingCountry?: string | null
  readonly note?: string | null
}

/** Whose order it is, and when. */
export interface Placement {
  readonly tenantId: string
  readonly userId: string
  readonly now: Date
}

interface CheckedInput {
  readonly key: string
  /** Product id → quantity; undefined orders the cart. */
  readonly wanted: ReadonlyMap<string, number> | undefined
  readonly country: string
  readonly note: string | null
  /** Equal for equal wishes, to tell a repetition from a key used twice. */
  readonly fingerprint: string
}

export interface PlacedOrder {
  readonly order: OrderRow
  /** False where the key had made the order before. */
  readonly isNew: boolean
}

/**
 * Places an order exactly once per idempotency key, whole or not at all.
 *
 * Placements of one user wait for each other, so that of two that arrive together one makes the order and the
 * other finds it. Everything runs on the transaction's handle: the embedded pool has no second connection.
 */
export async function placeOrder(
  db: Kysely<OrderTables>,
  placement: Placement,
  input: PlaceOrderInput,
): Promise<PlacedOrder> {
  const checked = checkInput(input)
  return db.transaction().execute(async (transaction) => {
    const { tenantId, userId } = placement
    await sql`select pg_advisory_xact_lock(${hashText(`${tenantId} ${userId}`)})`.execute(transaction)
    const earlier = await findEarlier(transaction, placement, checked)
    if (earlier !== undefined) return { order: earlier, isNew: false }
    const lines =
      checked.wanted === undefined
        ? await takeCart(transaction, placement)
        : await priceLines(transaction, tenantId, checked.wanted)
    if (lines.length === 0) throw fault('BAD_USER_INPUT', 'The cart is empty.')
    return { order: await insertOrder(transaction, placement, checked, lines), isNew: true }
  })
}

function checkInput(input: PlaceOrderInput): CheckedInput {
  const key = input.idempotencyKey
  if (key.length < 1 || key.length > 128) {
    throw fault('BAD_USER_INPUT', '"idempotencyKey" must have 1 to 128 characters.')
  }
  const note = input.note ?? null
  if (note !== null && note.length > 500) {
    throw fault('BAD_USER_INPUT', '"note" must have at most 500 characters.')
  }
  const country = readCountry(input.shippingCountry ?? 'DE')
  const wanted = Array.isArray(input.lines) ? readLines(input.lines) : undefined
  const wish = JSON.stringify([wanted === undefined ? null : [...wanted].sort(), country, note])
  return { key, wanted, country, note, fingerprint: createHash('sha256').update(wish).digest('hex') }
}

/** Adds up lines of the same product. */
function readLines(lines: NonNullable<PlaceOrderInput['lines']>): ReadonlyMap<string, number> {
  if (lines.length < 1 || lines.length > LARGEST_ORDER_LINES) {
    throw fault('BAD_USER_INPUT', `An order has 1 to ${LARGEST_ORDER_LINES} lines.`)
  }
  const wanted = new Map<string, number>()
  for (const { productId, quantity } of lines) {
    wanted.set(productId, readQuantity((wanted.get(productId) ?? 0) + readQuantity(quantity)))
  }
  return wanted
}

async function findEarlier(
  transaction: Transaction<OrderTables>,
  { tenantId, userId }: Placement,
  { key, fingerprint }: CheckedInput,
): Promise<OrderRow | undefined> {
  const earlier = await transaction
    .selectFrom('order_service.placements')
    .select(['fingerprint', 'order_id'])
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .where('idempotency_key', '=', key)
    .executeTakeFirst()
  if (earlier === undefined) return undefined
  if (earlier.fingerprint !== fingerprint) {
    throw fault('BAD_USER_INPUT', 'This "idempotencyKey" has placed a different order.')
  }
  return transaction
    .selectFrom('order_service.orders')
    .select(ORDER_COLUMNS)
    .where('tenant_id', '=', tenantId)
    .where('id', '=', earlier.order_id)
    .executeTakeFirstOrThrow()
}

/** Empties the cart and returns what was in it, at the prices of now. */
async function takeCart(
  transaction: Transaction<OrderTables>,
  { tenantId, userId }: Placement,
): Promise<readonly LineRow[]> {
  const taken = await transaction
    .deleteFrom('order_service.cart_lines')
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .returning(['product_id', 'quantity'])
    .execute()
  return priceLines(transaction, tenantId, new Map(taken.map((line) => [line.product_id, line.quantity])))
}

async function priceLines(
  transaction: Transaction<OrderTables>,
  tenantId: string,
  wanted: ReadonlyMap<string, number>,
): Promise<readonly LineRow[]> {
  if (wanted.size === 0) return []
  const prices = await transaction
    .selectFrom('order_service.price_list')
    .select(['product_id', 'amount', 'currency'])
    .where('tenant_id', '=', tenantId)
    .where('product_id', 'in', [...wanted.keys()])
    .execute()
  const priced = new Map(prices.map((price) => [price.product_id, price]))
  return [...wanted].map(([productId, quantity]) => {
    const price = priced.get(productId)
    if (price === undefined) throw fault('NOT_FOUND', 'A product of the order does not exist.')
    return { product_id: productId, quantity, unit_amount: price.amount, currency: price.currency }
  })
}

async function insertOrder(
  transaction: Transaction<OrderTables>,
  { tenantId, userId, now }: Placement,
  { key, fingerprint, country, note }: CheckedInput,
  lines: readonly LineRow[],
): Promise<OrderRow> {
  const seq = await nextSeq(transaction)
  const id = `${idPrefix(tenantId)}o-${seq}`
  const total = sum(
    lines.map((line) => multiply({ amount: line.unit_amount, currency: line.currency }, line.quantity)),
  )
  // First, so that the unique key and not only the lock stands between two orders with one key.
  await transaction
    .insertInto('order_service.placements')
    .values({ tenant_id: tenantId, user_id: userId, idempotency_key: key, fingerprint, order_id: id })
    .execute()
  const order = await transaction
    .insertInto('order_service.orders')
    .values({
      tenant_id: tenantId,
      id,
      seq,
      number: toOrderNumber(tenantId, seq),
      user_id: userId,
      status: 'PENDING',
      placed_at: now,
      total_amount: total.amount,
      currency: total.currency,
      shipping_country: country,
      note,
    })
    .returning(ORDER_COLUMNS)
    .executeTakeFirstOrThrow()
  await transaction
    .insertInto('order_service.order_lines')
    .values(lines.map((line, index) => ({ tenant_id: tenantId, order_id: id, position: index + 1, ...line })))
    .execute()
  return order
}

async function nextSeq(transaction: Transaction<OrderTables>): Promise<number> {
  const { rows } = await sql<{ seq: number }>`select nextval('order_service.order_seq')::int as seq`.execute(
    transaction,
  )
  const seq = rows[0]?.seq
  if (seq === undefined) throw new Error('the sequence gave no number')
  return seq
}
