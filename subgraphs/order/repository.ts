import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Caller } from '../kit/caller.js'
import type { Page, PageRequest } from '../kit/connection.js'
import type { LineRow, OrderRow, OrderStatus, OrderTables } from './tables.js'

export const ORDER_COLUMNS = [
  'id',
  'seq',
  'number',
  'user_id',
  'status',
  'placed_at',
  'total_amount',
  'currency',
] as const

export interface OrderPage extends PageRequest {
  readonly status: OrderStatus | null
}

/** Every statement that reads orders and carts; each is about one tenant and what the caller may see of it. */
export interface OrderRepository {
  readonly findByIds: (ids: readonly string[]) => Promise<readonly OrderRow[]>
  readonly listLines: (
    orderIds: readonly string[],
  ) => Promise<readonly (LineRow & { readonly order_id: string })[]>
  readonly listOrders: (
    userIds: readonly string[],
    page: OrderPage,
  ) => Promise<ReadonlyMap<string, Page<OrderRow>>>
  readonly listCartLines: (
    userIds: readonly string[],
  ) => Promise<readonly (LineRow & { readonly user_id: string })[]>
}

export function createOrderRepository(db: Kysely<OrderTables>, caller: Caller): OrderRepository {
  const { tenantId } = caller
  return {
    findByIds: (ids) =>
      db
        .selectFrom('order_service.orders')
        .select(ORDER_COLUMNS)
        .where('tenant_id', '=', tenantId)
        .where('id', 'in', [...ids])
        .where(ownedBy(caller))
        .execute(),
    listLines: (orderIds) =>
      db
        .selectFrom('order_service.order_lines')
        .select(['order_id', 'product_id', 'quantity', 'unit_amount', 'currency'])
        .where('tenant_id', '=', tenantId)
        .where('order_id', 'in', [...orderIds])
        .orderBy('order_id')
        .orderBy('position')
        .execute(),
    listOrders: (userIds, page) => listOrders(db, caller, userIds, page),
    listCartLines: (userIds) =>
      db
        .selectFrom('order_service.cart_lines as c')
        .innerJoin('order_service.price_list as p', (join) =>
          join.onRef('p.tenant_id', '=', 'c.tenant_id').onRef('p.product_id', '=', 'c.product_id'),
        )
        .select(['c.user_id', 'c.product_id', 'c.quantity', 'p.amount as unit_amount', 'p.currency'])
        .where('c.tenant_id', '=', tenantId)
        .where('c.user_id', 'in', [...userIds])
        .where(ownedBy(caller))
        .orderBy('c.added_at')
        .orderBy('c.product_id')
        .execute(),
  }
}

/** The rule of ownership, in SQL so that no path can forget it: one's own, or anybody's for `admin`. */
export function ownedBy({ userId, isAdmin }: Pick<Caller, 'userId' | 'isAdmin'>) {
  return sql<boolean>`(${isAdmin} or user_id = ${userId ?? null})`
}

/** One page for each of many users, in one statement: a lateral join reads no more rows than are shown. */
async function listOrders(
  db: Kysely<OrderTables>,
  caller: Caller,
  userIds: readonly string[],
  { size, after, withTotal, status }: OrderPage,
): Promise<ReadonlyMap<string, Page<OrderRow>>> {
  const own = sql`tenant_id = ${caller.tenantId} and user_id = k.owner and ${ownedBy(caller)}
    and (${status}::text is null or status = ${status})`
  const later = after === undefined ? sql`true` : sql`seq < ${Number(after[0])}`
  const total = withTotal ? sql`(select count(*)::int from order_service.orders where ${own})` : sql`0`
  const { rows } = await sql<OwnedRow>`
    select k.owner, ${total} as total,
      o.id, o.seq, o.number, o.status, o.placed_at, o.total_amount, o.currency
    from unnest(${[...userIds]}::text[]) as k(owner)
    left join lateral (
      select * from order_service.orders
      where ${own} and ${later} order by seq desc limit ${size + 1}
    ) o on true
    order by k.owner, o.seq desc`.execute(db)
  const pages = new Map<string, { rows: OrderRow[]; total: number }>()
  for (const { owner, total: count, ...row } of rows) {
    const page = pages.get(owner) ?? { rows: [], total: count }
    pages.set(owner, page)
    // An owner without rows still has one line, for the total.
    if (row.id !== null) page.rows.push({ ...row, user_id: owner })
  }
  return pages
}

type OwnedRow = (Omit<OrderRow, 'user_id'> | { readonly id: null }) & {
  readonly owner: string
  readonly total: number
}
