import { statSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'

/** A writer's several events count as one; long enough for a small file to be written whole. */
const SETTLE_MILLISECONDS = 50

/**
 * Calls back when one of the files changed.
 *
 * Watches the folders, because an editor or a ConfigMap replaces a file by renaming, after which a watch of the
 * file itself is deaf; and compares on an interval, because some file systems report nothing and because the
 * list of files may grow.
 */
export function watchFiles(
  paths: () => readonly string[],
  intervalSeconds: number,
  onChange: () => void,
): () => void {
  let seen = fingerprint(paths())
  const compare = (): void => {
    const now = fingerprint(paths())
    if (now === seen) return
    seen = now
    onChange()
  }
  let settling: NodeJS.Timeout | undefined
  const onEvent = (): void => {
    clearTimeout(settling)
    settling = setTimeout(compare, SETTLE_MILLISECONDS).unref()
  }
  const watchers = [...new Set(paths().map((path) => dirname(path)))].flatMap((folder) =>
    watchFolder(folder, onEvent),
  )
  const interval = setInterval(compare, intervalSeconds * 1000).unref()
  return () => {
    clearTimeout(settling)
    clearInterval(interval)
    for (const watcher of watchers) watcher.close()
  }
}

/** A folder that cannot be watched is still compared on the interval. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent)
    watcher.on('error', () => watcher.close())
    return [watcher]
  } catch {
    return []
  }
}

/** What tells two states of the files apart; follows symbolic links. */
export function fingerprint(paths: readonly string[]): string {
  return paths.map(stateOf).join('|')
}

/** Of one that cannot be looked at, too: what was deployed may have lost its rights, or link to itself. */
function stateOf(path: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats === undefined ? 'missing' : `${stats.ino}:${stats.size}:${stats.mtimeMs}`
  } catch {
    return 'unreadable'
  }
}
