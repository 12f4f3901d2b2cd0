import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from '@jest/globals'

const folders: string[] = []

/** A folder with these files, which is taken away after the tests of the file. */
export function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-trusted-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) writeInto(folder, name, text)
  return folder
}

export function writeInto(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A manifest in Apollo's form. */
export function apolloManifest(
  operations: readonly { id: string; body: string; clientName?: string | null; name?: string }[],
): string {
  return JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }, null, 2)
}
