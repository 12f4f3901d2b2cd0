import { createHash } from 'node:crypto'

/**
 * Names an operation in caches and logs: hex SHA-256 over its text and its name.
 *
 * A name holds no line break, so that the last one divides text and name.
 */
export function hashOperation(source: string, name: string | undefined): string {
  return createHash('sha256')
    .update(`${source}\n${name ?? ''}`)
    .digest('hex')
}
