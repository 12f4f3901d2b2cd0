import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PGlite } from '@electric-sql/pglite'
import { Pool } from 'pg'
import type { OpenPool } from './database.js'
import { StartupFault } from './subgraph-options.js'

/** Keeps nothing on disk: for tests. */
export const IN_MEMORY = 'memory://'

/** An empty database, written by `prepare-empty-database.js`: starting from it saves the seconds of initdb. */
export const EMPTY_DATABASE_FILE = fileURLToPath(new URL('empty-database.tar.gz', import.meta.url))

/**
 * Opens the embedded PostgreSQL (PGlite) of one subgraph behind a normal `pg.Pool` of one connection.
 *
 * Its files belong to one process at a time: two would destroy each other's data, so a second one is refused.
 */
export async function openEmbeddedPool(
  name: string,
  dataDir: string,
  onProgress: ((message: string) => void) | undefined,
): Promise<OpenPool> {
  // Loaded only where it is used: it weighs more than the rest of a subgraph together.
  const { createPgConfig } = await import('@electric-sql/pglite/node-postgres')
  const unlock = dataDir === IN_MEMORY ? () => Promise.resolve() : await lockDirectory(dataDir, name)
  try {
    const embedded = await openFiles(dataDir === IN_MEMORY ? IN_MEMORY : join(dataDir, name), onProgress)
    return {
      pool: new Pool(Object.assign(createPgConfig(embedded), { max: 1, idleTimeoutMillis: 0 })),
      close: async () => {
        await embedded.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

async function openFiles(
  directory: string,
  onProgress: ((message: string) => void) | undefined,
): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite')
  if (directory !== IN_MEMORY && existsSync(directory)) return PGlite.create({ dataDir: directory })
  onProgress?.('creating the database')
  const empty = existsSync(EMPTY_DATABASE_FILE)
    ? { loadDataDir: new Blob([await readFile(EMPTY_DATABASE_FILE)]) }
    : {}
  if (directory === IN_MEMORY) return PGlite.create(empty)
  // Under its name only once it is whole: who is stopped in between starts anew instead of failing for good.
  const partial = `${directory}.partial`
  await rm(partial, { recursive: true, force: true })
  const created = await PGlite.create({ dataDir: partial, ...empty })
  await created.close()
  await rename(partial, directory)
  return PGlite.create({ dataDir: directory })
}

/** Claims the directory for this process and returns how to give it back. */
async function lockDirectory(dataDir: string, name: string): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true }).catch(() => {
    throw new StartupFault(`GATEHOUSE_DATA_DIR: cannot create ${dataDir}`)
  })
  const file = join(dataDir, `${name}.lock`)
  const inUse = (process: number | string): StartupFault =>
    new StartupFault(`${dataDir}/${name} is in use by process ${process} (if it is not, remove ${file})`)
  const owner = Number(await readFile(file, 'utf8').catch(() => '0'))
  if (owner !== process.pid && isAlive(owner)) throw inUse(owner)
  // Left behind by a process that was killed.
  if (owner !== 0) await rm(file, { force: true })
  // Fails if the file is there again: another process has been quicker.
  await writeFile(file, String(process.pid), { flag: 'wx' }).catch(() => {
    throw inUse('another')
  })
  return () => rm(file, { force: true })
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: alive, but of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
