import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ApiKeyStore, StoredApiKey } from '../kernel/ports/api-key-store.js'
import { emptyApiKeyFile, parseApiKeyFile, withKey, type ApiKeyFile } from './api-key-file.js'
import { replaceFile } from './replace-file.js'
import { stampOf } from './where-there.js'

/** A writer holds the lock for a few milliseconds. */
const LOCK_PATIENCE_MS = 3_000
const LOCK_PAUSE_MS = 20

/**
 * Keeps API keys in one JSON file, for use without a database.
 *
 * The file is replaced whole, so that a gateway that reads it while the command line writes sees the keys of before
 * or of after; writers take turns by a lock file. It is read again only when it is another one than last time.
 */
export function createFileApiKeyStore(directory: string): ApiKeyStore {
  const path = join(directory, 'api-keys.json')
  const read = createReader(path)
  /** What `make` returns is written; nothing where it returns undefined. */
  const write = (make: (file: ApiKeyFile) => StoredApiKey | undefined) =>
    withLock(`${path}.lock`, async () => {
      const file = (await read()) ?? emptyApiKeyFile()
      const key = make(file)
      if (key !== undefined) await replaceFile(path, `${JSON.stringify(withKey(file, key), null, 2)}\n`)
      return key
    })

  return {
    find: async (id) => (await read())?.keys.find((key) => key.id === id),
    list: async () => (await read())?.keys ?? [],
    add: async (key) => {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await write(() => key)
    },
    change: async (id, change) => {
      if ((await read()) === undefined) return undefined
      return write((file) => {
        const key = file.keys.find((each) => each.id === id)
        return key && change(key)
      })
    },
    changesSince: async (mark) => {
      const { lineage, revision, keys } = (await read()) ?? { lineage: 'none', revision: 0, keys: [] }
      const [knownLineage, knownRevision] = mark?.split(' ') ?? []
      const since = Number(knownRevision)
      const isSameFile = knownLineage === lineage && since <= revision
      return {
        mark: `${lineage} ${revision}`,
        changed: isSameFile ? keys.filter((key) => key.revision > since).map(({ id }) => id) : 'all',
      }
    },
    close: () => Promise.resolve(),
  }
}

/** Reads the file, or answers from memory while it is the same one; undefined where there is none. */
function createReader(path: string): () => Promise<ApiKeyFile | undefined> {
  let held: { readonly stamp: string; readonly file: ApiKeyFile } | undefined
  return async () => {
    const stamp = await stampOf(path)
    if (stamp === undefined) return undefined
    if (held?.stamp !== stamp) {
      // The stamp of before the reading: what comes in between is found by the next look.
      held = { stamp, file: parseApiKeyFile(await readFile(path, 'utf8'), path) }
    }
    return held.file
  }
}

/** A lock that a killed writer left is not guessed at, but named: two writers at once would lose a revocation. */
async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + LOCK_PATIENCE_MS
  for (;;) {
    try {
      const file = await open(lock, 'wx', 0o600)
      await file.close()
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (performance.now() > until)
        throw new Error(`${lock} is there: if no other command is at work, delete it.`, { cause: error })
      await pause(LOCK_PAUSE_MS)
    }
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}
