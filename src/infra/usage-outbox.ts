import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { UsageBatch, UsageOutbox } from '../kernel/ports/usage-store.js'
import { replaceFile } from './replace-file.js'
import { parseOutboxFile } from './usage-file.js'
import { namesIn, whereThere } from './where-there.js'

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
      const spoilt: unknown[] = []
      for (const name of (await namesIn(directory)).filter((each) => NAME.test(each))) {
        const path = join(directory, name)
        const batches = await readBatches(path).catch((error: unknown) => void spoilt.push(error))
        // Another instance may have been faster.
        if (batches === undefined) continue
        for (const batch of batches) await send(batch)
        await rm(path, { force: true })
      }
      if (spoilt.length > 0) throw spoilt[0]
    },
  }
}

async function readBatches(path: string): Promise<readonly UsageBatch[] | undefined> {
  const text = await whereThere(readFile(path, 'utf8'), undefined)
  return text === undefined ? undefined : parseOutboxFile(text, path)
}
