import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SdlFeed } from './sdl-feed.js'
import { watchFiles } from '../../kernel/watch-files.js'

/** A composed supergraph in a file. */
export function fileFeed(file: string, intervalSeconds: number): SdlFeed {
  const path = resolve(file)
  return {
    kind: 'file',
    isLocal: () => true,
    read: () => readFile(path, 'utf8'),
    watch: (onChange) => watchFiles(() => [path], intervalSeconds, onChange),
  }
}
