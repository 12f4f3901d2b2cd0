import { createHash } from 'node:crypto'

/** Hex SHA-256, the hash of the protocol: ids of documents and keys of learned texts. */
export function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}
