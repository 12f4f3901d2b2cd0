import { randomUUID } from 'node:crypto'
import { access, constants, link, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Where the text of the signing keys is kept. */
export interface KeyStore {
  /** Undefined where nothing was kept yet. */
  readonly read: () => Promise<string | undefined>
  /** Keeps the first text; where somebody else was faster, nothing happens. */
  readonly create: (text: string) => Promise<void>
  /** Puts `text` in the place of `expected`; where that is not there any more, nothing happens. */
  readonly replace: (expected: string, text: string) => Promise<void>
  /** Rejects where a first text could not be kept; keeps nothing. */
  readonly assertWritable: () => Promise<void>
  /** Whether others than the owner may read it. */
  readonly isOpenToOthers: () => Promise<boolean>
}

/** For a single process: the keys end with it. */
export function createMemoryKeyStore(): KeyStore {
  let kept: string | undefined
  return {
    read: () => Promise.resolve(kept),
    create: (text) => {
      kept ??= text
      return Promise.resolve()
    },
    replace: (_expected, text) => {
      kept = text
      return Promise.resolve()
    },
    assertWritable: () => Promise.resolve(),
    isOpenToOthers: () => Promise.resolve(false),
  }
}

/**
 * A file that several instances share.
 *
 * It is whole at any moment, for others may be reading it: a draft is written beside it and renamed, or for the
 * first one linked, so that of several processes that begin at once the first wins and all use its key.
 */
export function createFileKeyStore(file: string): KeyStore {
  const read = () => readIfThere(file)
  return {
    read,
    create: (text) =>
      withDraft(file, text, async (draft) => {
        await link(draft, file).catch(unless('EEXIST'))
        await unlink(draft)
      }),
    replace: (expected, text) =>
      withDraft(file, text, async (draft) => {
        if ((await read()) === expected) await rename(draft, file)
        else await unlink(draft)
      }),
    assertWritable: () => access(dirname(file), constants.W_OK),
    isOpenToOthers: async () => ((await stat(file)).mode & 0o077) !== 0,
  }
}

async function withDraft(file: string, text: string, use: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, text, { mode: 0o600 })
    await use(draft)
  } catch (error) {
    await unlink(draft).catch(() => undefined)
    throw error
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    unless('ENOENT')(error)
    return undefined
  }
}

function unless(code: string): (error: unknown) => void {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code !== code) throw error
  }
}
