import { readdir, stat } from 'node:fs/promises'

/** What was found, or `other` where there is nothing of that name (yet); rejects with whatever else went wrong. */
export async function whereThere<T, Other>(found: Promise<T>, other: Other): Promise<T | Other> {
  try {
    return await found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return other
    throw error
  }
}

/** Names of what is in a folder; none where there is no folder. */
export function namesIn(directory: string): Promise<readonly string[]> {
  return whereThere(readdir(directory), [])
}

/**
 * What tells two states of a file apart; undefined where there is none.
 *
 * A replaced file is another inode, so that two changes within one tick of the clock are told apart.
 */
export async function stampOf(path: string): Promise<string | undefined> {
  const stats = await whereThere(stat(path, { bigint: true }), undefined)
  return stats && `${stats.ino} ${stats.size} ${stats.mtimeNs}`
}
