import { open, rename, rm } from 'node:fs/promises'

/**
 * Puts a file in the place of another one, so that readers see all of the one or all of the other.
 *
 * Only the owner may read it; on the disk before it takes the old one's place, lest a power cut leave nothing.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.partial`
  try {
    const file = await open(draft, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}
