import type { Pool, PoolClient, QueryResultRow } from 'pg'
import type { ApiKeyStore, StoredApiKey } from '../kernel/ports/api-key-store.js'
import type { Logger } from '../kernel/ports/logger.js'
import {
  CREATE_TABLES,
  HAS_TABLES,
  LOCK_TABLES,
  readRow,
  toParameters,
  type ApiKeyRow,
} from './api-key-tables.js'

export interface PostgresApiKeyStoreOptions {
  readonly databaseUrl: string
  /** For a connection, and for each query. */
  readonly timeoutMs: number
}

/** Keys are looked up rarely, for they are remembered; the rest of the database's connections are not ours. */
const MAX_CONNECTIONS = 4

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
export function createPostgresApiKeyStore(options: PostgresApiKeyStoreOptions, logger: Logger): ApiKeyStore {
  let opened: Promise<Pool> | undefined
  let prepared: Promise<Pool> | undefined
  const open = (): Promise<Pool> => (opened ??= openPool(options, logger))
  /** One attempt for all who wait for it; after a failure the next one who asks makes another. */
  const prepare = (): Promise<Pool> => (prepared ??= open().then(withTables).catch(startOver))
  const startOver = (error: unknown): never => {
    prepared = undefined
    throw error
  }
  const query = async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) =>
    (await (await prepare()).query<Row>(text, [...values])).rows

  return {
    find: async (id) => {
      const [row] = await query<ApiKeyRow>(FIND, [id])
      return row && readRow(row)
    },
    list: async () => (await query<ApiKeyRow>(LIST)).map(readRow),
    add: async (key) => {
      await inTransaction(await prepare(), (client) => write(client, key))
    },
    change: async (id, change) =>
      inTransaction(await prepare(), async (client) => {
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
    close: async () => {
      await opened?.then((pool) => pool.end()).catch(() => undefined)
    },
  }
}

/** Loads the driver only where it is used: 35 ms that a gateway without API keys does not spend. */
async function openPool(
  { databaseUrl, timeoutMs }: PostgresApiKeyStoreOptions,
  logger: Logger,
): Promise<Pool> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'gatehouse',
    max: MAX_CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: timeoutMs,
    // The server gives up as well, and does not go on for nobody.
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs,
  })
  // An idle connection that the server closes must not end the process; the next query tells what is wrong.
  pool.on('error', (error) => logger.debug({ reason: error.message }, 'connection to the API keys lost'))
  return pool
}

async function withTables(pool: Pool): Promise<Pool> {
  if (await hasTables(pool)) return pool
  await inTransaction(pool, async (client) => {
    await client.query(LOCK_TABLES)
    // Whoever held the lock before has made them, and may be using them by now.
    if (!(await hasTables(client))) await client.query(CREATE_TABLES)
  })
  return pool
}

async function hasTables(database: Pool | PoolClient): Promise<boolean> {
  const { rows } = await database.query<{ present: boolean }>(HAS_TABLES)
  return rows[0]?.present === true
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

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    // Whatever went wrong, this connection is not used again: a lost one cannot even be rolled back.
    broken = error instanceof Error ? error : new Error('unknown')
    throw error
  } finally {
    client.release(broken)
  }
}
