import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'

/** Replaces a file that a gateway may be watching: it finds the old text or the new one, never a part. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const existing = await stat(file).catch(() => undefined)
  // A pipe or a terminal cannot be replaced.
  if (existing !== undefined && !existing.isFile()) return writeFile(file, text)
  const target = existing === undefined ? file : await realpath(file)
  const draft = `${target}.${String(process.pid)}.partial`
  try {
    await writeFile(draft, text)
    await rename(draft, target)
  } finally {
    await rm(draft, { force: true })
  }
}
