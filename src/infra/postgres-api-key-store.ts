import type { PoolClient, QueryResultRow } from 'pg'
import type { ApiKeyStore, StoredApiKey } from '../kernel/ports/api-key-store.js'
import type { Logger } from '../kernel/ports/logger.js'
import { API_KEY_TABLES, readRow, toParameters, type ApiKeyRow } from './api-key-tables.js'
import { createPostgresDatabase, type PostgresOptions } from './postgres-database.js'

const COLUMNS = 'id, name, tenant, plan, scopes, created_at, expires_at, revoked_at, secrets'
const FIND = `select ${COLUMNS} from gatehouse.api_keys where id = $1`
const LIST = `select ${COLUMNS} from gatehouse.api_keys order by created_at, id`
const CHANGES = `
  select lineage::text, changes.revision::text,
    coalesce(array_agg(id) filter (where id is not null), '{}') as changed
  from gatehouse.api_key_changes as changes
  left join gatehouse.api_keys as keys on keys.revision > $1
  group by lineage, changes.revision`
/** The row stays locked until the commit, so that revisions become visible in their order. */
const NEXT_REVISION = 'update gatehouse.api_key_changes set revision = revision + 1 returning revision::text'
const WRITE = `
  insert into gatehouse.api_keys (${COLUMNS}, revision) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  on conflict (id) do update set expires_at = excluded.expires_at, revoked_at = excluded.revoked_at,
    secrets = excluded.secrets, revision = excluded.revision`

/**
 * Keeps API keys in PostgreSQL, in a schema of their own that is made when it is missing.
 *
 * Connects when it is first asked, and again after a failure. An account that may only read is enough for a gateway
 * once the tables are there.
 */
export function createPostgresApiKeyStore(options: PostgresOptions, logger: Logger): ApiKeyStore {
  const database = createPostgresDatabase(options, API_KEY_TABLES, logger)
  const query = async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) =>
    (await (await database.pool()).query<Row>(text, [...values])).rows

  return {
    find: async (id) => {
      const [row] = await query<ApiKeyRow>(FIND, [id])
      return row && readRow(row)
    },
    list: async () => (await query<ApiKeyRow>(LIST)).map(readRow),
    add: async (key) => {
      await database.inTransaction((client) => write(client, key))
    },
    change: async (id, change) =>
      database.inTransaction(async (client) => {
        // First, as whoever adds does: then nobody else can be changing the key that is read.
        const revision = await nextRevision(client)
        const [row] = (await client.query<ApiKeyRow>(FIND, [id])).rows
        if (row === undefined) return undefined
        const key = change(readRow(row))
        await client.query(WRITE, [...toParameters(key), revision])
        return key
      }),
    changesSince: async (mark) => {
      const [knownLineage, knownRevision = '0'] = mark?.split(' ') ?? []
      const [row] = await query<{ lineage: string; revision: string; changed: string[] }>(CHANGES, [
        knownRevision,
      ])
      if (row === undefined) throw new Error('the table of changes is empty')
      const isSame = knownLineage === row.lineage && BigInt(knownRevision) <= BigInt(row.revision)
      return { mark: `${row.lineage} ${row.revision}`, changed: isSame ? row.changed : 'all' }
    },
    close: database.close,
  }
}

async function write(client: PoolClient, key: StoredApiKey): Promise<void> {
  const revision = await nextRevision(client)
  await client.query(WRITE, [...toParameters(key), revision])
}

async function nextRevision(client: PoolClient): Promise<string> {
  const { rows } = await client.query<{ revision: string }>(NEXT_REVISION)
  if (rows[0] === undefined) throw new Error('the table of changes is empty')
  return rows[0].revision
}
