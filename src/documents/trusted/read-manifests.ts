import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, relative } from 'node:path'
import { readFolder } from './read-folder.js'
import { readManifestText } from './read-manifest-text.js'
import { tooLarge, TrustedDocumentsError, type TrustedDocument } from './trusted-document.js'

/** A file or folder of trusted documents. */
export interface ManifestPath {
  readonly path: string
  readonly clientName: string | undefined
  /** True where nothing need be there yet. */
  readonly isOptional: boolean
}

/** Reads files and folders; raises TrustedDocumentsError with the findings of all of them. */
export async function readManifests(
  paths: readonly ManifestPath[],
  maxBytes: number,
): Promise<readonly TrustedDocument[]> {
  const documents: TrustedDocument[] = []
  const findings: string[] = []
  for (const path of paths) {
    try {
      documents.push(...(await readOne(path, maxBytes)))
    } catch (error) {
      if (error instanceof TrustedDocumentsError) findings.push(...error.findings)
      else findings.push(`${nameOf(path.path)}:1: It cannot be read (${describe(error)}).`)
    }
  }
  if (findings.length > 0) throw new TrustedDocumentsError(findings)
  return documents
}

async function readOne(
  { path, clientName, isOptional }: ManifestPath,
  maxBytes: number,
): Promise<readonly TrustedDocument[]> {
  const stats = await stat(path).catch((error: unknown) => {
    if (isOptional && describe(error) === 'ENOENT') return undefined
    throw error
  })
  if (stats === undefined) return []
  if (stats.isDirectory()) return readFolder(path, { clientName, maxBytes, nameOf })
  const file = nameOf(path)
  if (stats.size > maxBytes) throw tooLarge(file, maxBytes)
  return readManifestText({ file, text: await readFile(path, 'utf8'), clientName })
}

/** As people who run a command here would write it. */
function nameOf(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere
}

function describe(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error)
}
