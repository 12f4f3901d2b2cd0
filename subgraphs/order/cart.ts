import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { fault } from '../kit/faults.js'
import type { OrderTables } from './tables.js'

/** How many pieces of one product fit into a cart or an order. */
export const LARGEST_QUANTITY = 1000

/** The id of a user's cart: everybody has exactly one. */
export function cartId(userId: string): string {
  return `cart-${userId}`
}

/** Whose cart it is; undefined for anything that is no cart id. */
export function cartOwner(id: string): string | undefined {
  return id.startsWith('cart-') ? id.slice('cart-'.length) : undefined
}

export function readQuantity(quantity: number): number {
  if (quantity >= 1 && quantity <= LARGEST_QUANTITY) return quantity
  throw fault('BAD_USER_INPUT', `"quantity" must be between 1 and ${LARGEST_QUANTITY}.`)
}

export interface CartAddition {
  readonly tenantId: string
  readonly userId: string
  readonly productId: string
  readonly quantity: number
  readonly now: Date
}

/**
 * Puts pieces into a cart, in one statement: the database adds up, so that parallel calls lose nothing.
 *
 * Takes the product from the price list of the tenant, which also says whether it can be bought at all.
 */
export async function addToCart(db: Kysely<OrderTables>, addition: CartAddition): Promise<void> {
  const { tenantId, userId, productId, now } = addition
  const quantity = readQuantity(addition.quantity)
  const { rows } = await sql<{ sellable: boolean; added: boolean }>`
    with sellable as (
      select tenant_id, product_id from order_service.price_list
      where tenant_id = ${tenantId} and product_id = ${productId}
    ), added as (
      insert into order_service.cart_lines as c (tenant_id, user_id, product_id, quantity, added_at)
      select tenant_id, ${userId}, product_id, ${quantity}::integer, ${now}::timestamptz from sellable
      on conflict (tenant_id, user_id, product_id)
        do update set quantity = c.quantity + excluded.quantity
        where c.quantity + excluded.quantity <= ${LARGEST_QUANTITY}
      returning 1
    )
    select exists (select from sellable) as sellable, exists (select from added) as added`.execute(db)
  if (rows[0]?.sellable !== true) throw fault('NOT_FOUND', 'There is no such product.')
  if (!rows[0].added) throw fault('BAD_USER_INPUT', `At most ${LARGEST_QUANTITY} pieces of one product.`)
}
