import { createHash } from 'node:crypto'

/** The hash by which clients name a document's text. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
