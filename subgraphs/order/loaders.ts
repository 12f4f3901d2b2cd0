import type DataLoader from 'dataloader'
import type { Kysely } from 'kysely'
import { createFieldLoader, createListLoader, createRowLoader } from '../kit/batch-loader.js'
import type { FieldKey } from '../kit/batch-loader.js'
import { visibleOwners } from '../kit/caller.js'
import type { Caller } from '../kit/caller.js'
import type { Page } from '../kit/connection.js'
import { createOrderRepository } from './repository.js'
import type { OrderPage } from './repository.js'
import type { LineRow, OrderRow, OrderTables } from './tables.js'

/** What one request has looked up about orders and carts so far. */
export interface OrderLoaders {
  readonly byId: DataLoader<string, OrderRow | null>
  readonly lines: DataLoader<string, readonly LineRow[]>
  readonly orders: DataLoader<FieldKey<OrderPage>, Page<OrderRow>, string>
  readonly cartLines: DataLoader<string, readonly LineRow[]>
}

export function createOrderLoaders(db: Kysely<OrderTables>, caller: Caller): OrderLoaders {
  const repository = createOrderRepository(db, caller)
  return {
    byId: createRowLoader(repository.findByIds, (row) => row.id),
    lines: createListLoader(repository.listLines, (row) => row.order_id),
    orders: createFieldLoader<OrderPage, Page<OrderRow>>(
      async (userIds, page) => {
        const owners = visibleOwners(caller, userIds)
        return owners.length === 0 ? new Map() : repository.listOrders(owners, page)
      },
      { rows: [], total: 0 },
    ),
    cartLines: createListLoader(repository.listCartLines, (row) => row.user_id),
  }
}
