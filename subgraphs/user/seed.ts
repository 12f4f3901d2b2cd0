import { insertRows, runStatements } from '../kit/migrations.js'
import type { Migration } from '../kit/migrations.js'
import { createRandom } from '../kit/random.js'
import { SEED_COUNTS, SEED_DAY, TENANTS } from '../kit/tenants.js'
import type { SeedTenant } from '../kit/tenants.js'
import { FIRST_NAMES, LAST_NAMES } from './names.js'
import { USER_TABLE_DEFINITIONS } from './tables.js'
import type { NotificationKind, UserTables } from './tables.js'

const [HOUR, DAY] = [3_600_000, 86_400_000] as const

export const USER_MIGRATIONS: readonly Migration<UserTables>[] = [
  {
    name: '0001_tables',
    progress: 'creating the tables of the customers',
    run: (transaction) => runStatements(transaction, USER_TABLE_DEFINITIONS),
  },
  {
    name: '0002_seed',
    progress: `filling in the customers (${SEED_COUNTS.users * TENANTS.length})`,
    run: async (transaction) => {
      for (const tenant of TENANTS) {
        await insertRows(transaction, 'user_service.users', userRows(tenant))
        await insertRows(transaction, 'user_service.notifications', notificationRows(tenant))
      }
    },
  },
]

function userRows(tenant: SeedTenant): readonly object[] {
  return Array.from({ length: SEED_COUNTS.users }, (_, index) => {
    const seq = index + 1
    const random = createRandom(`user ${tenant.id} ${seq}`)
    const first = seq === 1 && tenant.id === 'acme' ? 'Ada' : random.pick(FIRST_NAMES)
    const last = seq === 1 && tenant.id === 'acme' ? 'Lovelace' : random.pick(LAST_NAMES)
    return {
      tenant_id: tenant.id,
      id: `${tenant.prefix}u-${seq}`,
      seq,
      first_name: first,
      last_name: last,
      email: `${toAscii(first)}.${toAscii(last)}.${seq}@${tenant.id}.example`,
      created_at: new Date(
        SEED_DAY - (SEED_COUNTS.users - index) * 3 * DAY - random.between(0, 23) * HOUR,
      ).toISOString(),
    }
  })
}

function toAscii(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').replace(/ø/g, 'o').toLowerCase()
}

const MESSAGES: readonly (readonly [kind: NotificationKind, title: string, body: string])[] = [
  ['ORDER', 'Your order is on its way', 'The parcel left our warehouse this morning.'],
  ['ORDER', 'Delivered', 'Your parcel was handed over. Enjoy!'],
  ['ORDER', 'We received your order', 'Thank you. We will write again when it ships.'],
  ['OFFER', 'Back in stock', 'Something from your wish list can be ordered again.'],
  ['OFFER', 'Three days of free shipping', 'On everything, until Sunday night.'],
  ['OFFER', 'Picked for you', 'New arrivals that go well with what you bought.'],
  ['ACCOUNT', 'A new sign-in', 'Somebody signed in from a new device. Was it you?'],
  ['ACCOUNT', 'Your invoice is ready', 'You find it with the order.'],
]

/** Two to nine per user, the newest ones unread; the first user always has unread ones. */
function notificationRows(tenant: SeedTenant): readonly object[] {
  let seq = 0
  return Array.from({ length: SEED_COUNTS.users }, (_, index) => index + 1).flatMap((user) => {
    const random = createRandom(`notifications ${tenant.id} ${user}`)
    const count = user === 1 ? 8 : random.between(2, 9)
    const unread = user === 1 ? 3 : random.between(0, 3)
    return Array.from({ length: count }, (_unused, position) => {
      const [kind, title, body] = random.pick(MESSAGES)
      const createdAt = SEED_DAY - (count - position) * 2 * DAY - random.between(0, 20) * HOUR
      seq += 1
      return {
        tenant_id: tenant.id,
        id: `${tenant.prefix}n-${seq}`,
        seq,
        user_id: `${tenant.prefix}u-${user}`,
        kind,
        title,
        body,
        created_at: new Date(createdAt).toISOString(),
        read_at: position >= count - unread ? null : new Date(createdAt + 5 * HOUR).toISOString(),
      }
    })
  })
}
