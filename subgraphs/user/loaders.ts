import type DataLoader from 'dataloader'
import type { Kysely } from 'kysely'
import { createFieldLoader, createRowLoader } from '../kit/batch-loader.js'
import type { FieldKey } from '../kit/batch-loader.js'
import { visibleOwners } from '../kit/caller.js'
import type { Caller } from '../kit/caller.js'
import type { Page } from '../kit/connection.js'
import { createUserRepository } from './repository.js'
import type { NotificationPage, UserRepository } from './repository.js'
import type { NotificationRow, UserRow, UserTables } from './tables.js'

/** What one request has looked up about customers so far. */
export interface UserLoaders {
  readonly repository: UserRepository
  readonly byId: DataLoader<string, UserRow | null>
  readonly unread: DataLoader<FieldKey<null>, number, string>
  readonly notifications: DataLoader<FieldKey<NotificationPage>, Page<NotificationRow>, string>
}

export function createUserLoaders(db: Kysely<UserTables>, caller: Caller): UserLoaders {
  const repository = createUserRepository(db, caller.tenantId)
  return {
    repository,
    byId: createRowLoader(repository.findByIds, (row) => row.id),
    unread: createFieldLoader<null, number>(async (userIds) => {
      const owners = visibleOwners(caller, userIds)
      const counts = owners.length === 0 ? [] : await repository.countUnread(owners)
      return new Map(counts.map((count) => [count.user_id, count.unread]))
    }, 0),
    notifications: createFieldLoader<NotificationPage, Page<NotificationRow>>(
      async (userIds, page) => {
        const owners = visibleOwners(caller, userIds)
        return owners.length === 0 ? new Map() : repository.listNotifications(owners, page)
      },
      { rows: [], total: 0 },
    ),
  }
}
