import type { Kysely } from 'kysely'
import { fault } from '../kit/faults.js'
import { ORDER_COLUMNS } from './repository.js'
import type { OrderRow, OrderStatus, OrderTables } from './tables.js'

/** While an order is in one of these it can still be called back. */
const CANCELLABLE: readonly OrderStatus[] = ['PENDING', 'CONFIRMED']

/**
 * Cancels an own order; whoever else asks learns nothing about it.
 *
 * The status is tested in the same statement that changes it: of two that arrive together only one succeeds.
 */
export async function cancelOrder(
  db: Kysely<OrderTables>,
  { tenantId, userId, id }: { readonly tenantId: string; readonly userId: string; readonly id: string },
): Promise<OrderRow> {
  const cancelled = await db
    .updateTable('order_service.orders')
    .set({ status: 'CANCELLED' })
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .where('status', 'in', CANCELLABLE)
    .returning(ORDER_COLUMNS)
    .executeTakeFirst()
  if (cancelled !== undefined) return cancelled
  const order = await db
    .selectFrom('order_service.orders')
    .select('status')
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (order === undefined) throw fault('NOT_FOUND', 'There is no such order.')
  throw fault('BAD_USER_INPUT', `The order is ${order.status} and cannot be cancelled any more.`)
}
