import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Page, PageRequest } from '../kit/connection.js'
import type { NotificationRow, UserRow, UserTables } from './tables.js'

const USER_COLUMNS = ['id', 'seq', 'first_name', 'last_name', 'email', 'created_at'] as const

/** What a customer may change. */
export interface ProfileChange {
  readonly first_name?: string
  readonly last_name?: string
  readonly email?: string
}

export interface NotificationPage extends PageRequest {
  readonly unreadOnly: boolean
}

/** Every statement about customers; each is about one tenant only. */
export interface UserRepository {
  readonly findByIds: (ids: readonly string[]) => Promise<readonly UserRow[]>
  readonly listPage: (page: PageRequest) => Promise<Page<UserRow>>
  readonly updateProfile: (id: string, change: ProfileChange) => Promise<UserRow | undefined>
  readonly countUnread: (
    userIds: readonly string[],
  ) => Promise<readonly { readonly user_id: string; readonly unread: number }[]>
  readonly listNotifications: (
    userIds: readonly string[],
    page: NotificationPage,
  ) => Promise<ReadonlyMap<string, Page<NotificationRow>>>
  readonly markRead: (userId: string, ids: readonly string[], now: Date) => Promise<number>
}

export function createUserRepository(db: Kysely<UserTables>, tenantId: string): UserRepository {
  const users = db.selectFrom('user_service.users').where('tenant_id', '=', tenantId)
  return {
    findByIds: (ids) =>
      users
        .select(USER_COLUMNS)
        .where('id', 'in', [...ids])
        .execute(),
    listPage: async ({ size, after, withTotal }) => {
      const rows = await users
        .select(USER_COLUMNS)
        .where('seq', '>', Number(after?.[0] ?? 0))
        .orderBy('seq')
        .limit(size + 1)
        .execute()
      if (!withTotal) return { rows, total: 0 }
      const counted = await users.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
      return { rows, total: counted.total }
    },
    updateProfile: (id, change) =>
      db
        .updateTable('user_service.users')
        .set(change)
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .returning(USER_COLUMNS)
        .executeTakeFirst(),
    countUnread: (userIds) =>
      db
        .selectFrom('user_service.notifications')
        .select(['user_id', sql<number>`count(*)::int`.as('unread')])
        .where('tenant_id', '=', tenantId)
        .where('user_id', 'in', [...userIds])
        .where('read_at', 'is', null)
        .groupBy('user_id')
        .execute(),
    listNotifications: (userIds, page) => listNotifications(db, tenantId, userIds, page),
    markRead: async (userId, ids, now) => {
      if (ids.length === 0) return 0
      const result = await db
        .updateTable('user_service.notifications')
        .set({ read_at: now })
        .where('tenant_id', '=', tenantId)
        .where('user_id', '=', userId)
        .where('id', 'in', [...ids])
        .where('read_at', 'is', null)
        .executeTakeFirst()
      return Number(result.numUpdatedRows)
    },
  }
}

/** One page for each of many users, in one statement: a lateral join reads no more rows than are shown. */
async function listNotifications(
  db: Kysely<UserTables>,
  tenantId: string,
  userIds: readonly string[],
  { size, after, withTotal, unreadOnly }: NotificationPage,
): Promise<ReadonlyMap<string, Page<NotificationRow>>> {
  const own = sql`tenant_id = ${tenantId} and user_id = k.owner and (not ${unreadOnly} or read_at is null)`
  const later = after === undefined ? sql`true` : sql`seq < ${Number(after[0])}`
  const total = withTotal ? sql`(select count(*)::int from user_service.notifications where ${own})` : sql`0`
  const { rows } = await sql<OwnedRow>`
    select k.owner, ${total} as total, n.id, n.seq, n.kind, n.title, n.body, n.created_at, n.read_at
    from unnest(${[...userIds]}::text[]) as k(owner)
    left join lateral (
      select * from user_service.notifications
      where ${own} and ${later} order by seq desc limit ${size + 1}
    ) n on true
    order by k.owner, n.seq desc`.execute(db)
  const pages = new Map<string, { rows: NotificationRow[]; total: number }>()
  for (const { owner, total: count, ...row } of rows) {
    const page = pages.get(owner) ?? { rows: [], total: count }
    pages.set(owner, page)
    // An owner without rows still has one line, for the total.
    if (row.id !== null) page.rows.push({ ...row, user_id: owner })
  }
  return pages
}

type OwnedRow = (Omit<NotificationRow, 'user_id'> | { readonly id: null }) & {
  readonly owner: string
  readonly total: number
}
