import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { UsageOutbox } from '../kernel/ports/usage-store.js'
import { replaceFile } from './replace-file.js'
import { parseOutboxFile } from './usage-file.js'
import { namesIn } from './where-there.js'

/** `unsent.<instance>.json` */
const NAME = /^unsent\.[\w-]+\.json$/

/**
 * Keeps batches that a stopping instance could not write, for the next one that starts in this folder.
 *
 * They keep their numbers: whichever instance sends them, and however often, they count once.
 */
export function createUsageOutbox(directory: string): UsageOutbox {
  return {
    put: async (batches) => {
      const [first] = batches
      if (first === undefined) return
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const text = JSON.stringify({ format: 1, batches })
      await replaceFile(join(directory, `unsent.${first.instance}.json`), text)
    },
    sendAll: async (send) => {
      for (const name of (await namesIn(directory)).filter((each) => NAME.test(each))) {
        const path = join(directory, name)
        // Another instance may have been faster.
        const text = await readFile(path, 'utf8').catch(() => undefined)
        if (text === undefined) continue
        for (const batch of parseOutboxFile(text, path)) await send(batch)
        await rm(path, { force: true })
      }
    },
  }
}
