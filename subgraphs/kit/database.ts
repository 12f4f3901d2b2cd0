import { Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import { openEmbeddedPool } from './embedded-database.js'
import { StartupFault } from './subgraph-options.js'
import type { SubgraphOptions } from './subgraph-options.js'

/** A database handle and the way to let go of it. */
export interface OpenDatabase<Tables> {
  readonly db: Kysely<Tables>
  readonly close: () => Promise<void>
}

/** A pool of connections and what else must be closed with it. */
export interface OpenPool {
  readonly pool: Pool
  readonly close: () => Promise<void>
}

/**
 * Opens PostgreSQL at `databaseUrl`, or the embedded one of this subgraph.
 *
 * Both are a `pg.Pool`, so that there is one code path. The embedded pool has one connection: inside a
 * transaction only the transaction's own handle may be used, or it waits for itself.
 */
export async function openDatabase<Tables>(
  name: string,
  options: Pick<SubgraphOptions, 'databaseUrl' | 'dataDir' | 'onStatement' | 'onProgress' | 'logger'>,
): Promise<OpenDatabase<Tables>> {
  const opened =
    options.databaseUrl === undefined
      ? await openEmbeddedPool(name, options.dataDir ?? '.data', options.onProgress)
      : await openServerPool(options.databaseUrl)
  // An idle connection that the server closes must not end the process.
  opened.pool.on('error', (error) => options.logger?.warn({ err: error }, 'database connection lost'))
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: opened.pool }),
    log: (event) => options.onStatement?.(event.query.sql),
  })
  return {
    db,
    close: async () => {
      await db.destroy()
      await opened.close()
    },
  }
}

async function openServerPool(databaseUrl: string): Promise<OpenPool> {
  const pool = createPool(databaseUrl)
  try {
    const client = await pool.connect()
    client.release()
  } catch (error) {
    await pool.end()
    throw new StartupFault(`DATABASE_URL: the database cannot be reached (${reason(error)})`)
  }
  return { pool, close: () => Promise.resolve() }
}

function createPool(databaseUrl: string): Pool {
  try {
    return new Pool({ connectionString: databaseUrl, max: 10, connectionTimeoutMillis: 5_000 })
  } catch {
    throw new StartupFault('DATABASE_URL: not an address of a PostgreSQL database')
  }
}

/** The error's code or first line; never the address, which may hold a password. */
function reason(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown fault'
}
