import { createHash } from 'node:crypto'
import { print, type DocumentNode } from 'graphql'

/**
 * What two texts of the same document have in common: a hash over its definitions as they print, in the order of
 * their texts.
 *
 * White space, commas, comments and the order of definitions do not count; the order of fields, names and aliases
 * do, as in Apollo Router's safelist.
 */
export function documentIdentity(document: DocumentNode): string {
  const hash = createHash('sha256')
  for (const text of document.definitions.map(print).sort()) hash.update(text).update('\n')
  return hash.digest('base64')
}
