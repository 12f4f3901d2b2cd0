import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The last good supergraph on disk, with which an instance can start while its source is away. */
export interface Snapshot {
  /** `undefined` where there is none. */
  readonly read: () => Promise<string | undefined>
  readonly write: (sdl: string) => Promise<void>
}

export const NO_SNAPSHOT: Snapshot = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
}

/** Keeps the snapshot in a file, which is replaced by renaming so that no reader finds half of it. */
export function createSnapshot(path: string): Snapshot {
  return {
    read: () => readFile(path, 'utf8').catch(() => undefined),
    write: async (sdl) => {
      const draft = `${path}.${process.pid}.tmp`
      await mkdir(dirname(path), { recursive: true })
      await writeFile(draft, sdl)
      await rename(draft, path)
    },
  }
}
