import type { Pool, PoolClient } from 'pg'
import type { Logger } from '../kernel/ports/logger.js'

export interface PostgresOptions {
  readonly databaseUrl: string
  /** For a connection, and for each query. */
  readonly timeoutMs: number
}

/** Tables that are made where they are missing. */
export interface PostgresTables {
  /** For the log. */
  readonly purpose: string
  /** One of them, in the schema `gatehouse`. */
  readonly lastTable: string
  /** With all columns. */
  readonly create: string
  /** What tables of an earlier version lack, and get. */
  readonly laterColumns?: readonly LaterColumn[]
}

/** A column that was added later; its type has a default, for gateways of the earlier version that still write. */
export interface LaterColumn {
  readonly table: string
  readonly column: string
  readonly type: string
}

/** A database whose tables are there. */
export interface PostgresDatabase {
  /** Connects at the first call, and makes the tables; one attempt for all who wait for it. */
  readonly pool: () => Promise<Pool>
  /** Commits what `work` does, or nothing of it. */
  readonly inTransaction: <T>(work: (client: PoolClient) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

/** What we store is looked at rarely and written in batches; the rest of the database's connections are not ours. */
const MAX_CONNECTIONS = 4

/**
 * Asked first: making what is there already needs rights that an account for reading does not have.
 *
 * Asks the tables of the catalogue, for `to_regclass` may still answer from before the lock was waited for.
 */
const HAS_TABLE = `select exists (
  select from pg_catalog.pg_tables where schemaname = 'gatehouse' and tablename = $1
) as present`

const HAS_COLUMN = `select exists (
  select from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'gatehouse' and c.relname = $1 and a.attname = $2 and not a.attisdropped
) as present`

/** Until the commit; the number is any that is ours. */
const LOCK_TABLES = `select pg_advisory_xact_lock(7234104221)`

/** Opens a database. Connects when it is first asked, and again after a failure. */
export function createPostgresDatabase(
  options: PostgresOptions,
  tables: PostgresTables,
  logger: Logger,
): PostgresDatabase {
  let opened: Promise<Pool> | undefined
  let prepared: Promise<Pool> | undefined
  const open = (): Promise<Pool> => (opened ??= openPool(options, tables, logger))
  /** After a failure the next one who asks makes another attempt. */
  const startOver = (error: unknown): never => {
    prepared = undefined
    throw error
  }
  const pool = (): Promise<Pool> =>
    (prepared ??= open()
      .then((made) => withTables(made, tables))
      .catch(startOver))
  return {
    pool,
    inTransaction: async (work) => inTransaction(await pool(), work),
    close: async () => {
      await opened?.then((made) => made.end()).catch(() => undefined)
    },
  }
}

/** Loads the driver only where it is used: 35 ms that a gateway without it does not spend. */
async function openPool(
  { databaseUrl, timeoutMs }: PostgresOptions,
  { purpose }: PostgresTables,
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
  pool.on('error', (error) => logger.debug({ reason: error.message }, `connection to the ${purpose} lost`))
  return pool
}

async function withTables(pool: Pool, tables: PostgresTables): Promise<Pool> {
  if (await isWhole(pool, tables)) return pool
  await inTransaction(pool, async (client) => {
    await client.query(LOCK_TABLES)
    // Whoever held the lock before has made them, and may be using them by now.
    if (!(await has(client, HAS_TABLE, tables.lastTable))) await client.query(tables.create)
    for (const { table, column, type } of await missingColumns(client, tables))
      await client.query(`alter table gatehouse.${table} add column ${column} ${type}`)
  })
  return pool
}

async function isWhole(pool: Pool, tables: PostgresTables): Promise<boolean> {
  return (await has(pool, HAS_TABLE, tables.lastTable)) && (await missingColumns(pool, tables)).length === 0
}

async function missingColumns(
  database: Pool | PoolClient,
  { laterColumns = [] }: PostgresTables,
): Promise<readonly LaterColumn[]> {
  const missing: LaterColumn[] = []
  for (const each of laterColumns)
    if (!(await has(database, HAS_COLUMN, each.table, each.column))) missing.push(each)
  return missing
}

async function has(
  database: Pool | PoolClient,
  question: string,
  ...names: readonly string[]
): Promise<boolean> {
  const { rows } = await database.query<{ present: boolean }>(question, [...names])
  return rows[0]?.present === true
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // The query that it happens to rejects as well; without a listener a lost connection would end the process.
  const ignore = (): void => undefined
  client.on('error', ignore)
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
    if (broken === undefined) client.off('error', ignore)
  }
}
