import { existsSync, readFileSync } from 'node:fs'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'graphql'
import type { DocumentNode } from 'graphql'

/**
 * Reads `schema.graphql` beside the module at `moduleUrl`.
 *
 * Compiled modules live below dist/, where the compiler copies no schema files: then the source's is read.
 */
export function readSchema(moduleUrl: string): DocumentNode {
  const beside = fileURLToPath(new URL('schema.graphql', moduleUrl))
  const source = beside.replace(`${sep}dist${sep}subgraphs${sep}`, `${sep}subgraphs${sep}`)
  return parse(readFileSync(existsSync(beside) ? beside : source, 'utf8'))
}
