import { createHash } from 'node:crypto'
import type { CachePolicy } from '../kernel/decisions.js'
import { CACHE_VERSION } from './cache-key.js'

/** What is kept under a key. */
export interface CacheEntry {
  /** Milliseconds since the epoch. */
  readonly storedAtMs: number
  readonly policy: CachePolicy
  /** The JSON of an answer without errors. */
  readonly text: string
}

const MAGIC = 'GHCE'
const DIGEST_BYTES = 32
/** Magic 4, version 1, scope 1, stored-at 8, age 4, length 4. */
const HEAD_BYTES = 22

/**
 * Writes an entry as bytes: head, digest, text.
 *
 * The digest covers the key as well, so that an entry found under another key is as void as a damaged one.
 */
export function writeEntry(key: string, entry: CacheEntry): Buffer {
  const text = Buffer.from(entry.text)
  const head = Buffer.alloc(HEAD_BYTES)
  head.write(MAGIC, 0, 'latin1')
  head.writeUInt8(CACHE_VERSION, 4)
  head.writeUInt8(entry.policy.scope === 'PUBLIC' ? 0 : 1, 5)
  head.writeDoubleBE(entry.storedAtMs, 6)
  head.writeUInt32BE(entry.policy.maxAgeSeconds, 14)
  head.writeUInt32BE(text.length, 18)
  return Buffer.concat([head, digest(key, head, text), text])
}

/** Reads an entry back; `undefined` for anything that {@link writeEntry} did not write under this key. */
export function readEntry(key: string, bytes: Buffer): CacheEntry | undefined {
  if (bytes.length < HEAD_BYTES + DIGEST_BYTES) return undefined
  const head = bytes.subarray(0, HEAD_BYTES)
  const text = bytes.subarray(HEAD_BYTES + DIGEST_BYTES)
  if (head.toString('latin1', 0, 4) !== MAGIC || head.readUInt8(4) !== CACHE_VERSION) return undefined
  if (head.readUInt32BE(18) !== text.length) return undefined
  if (!digest(key, head, text).equals(bytes.subarray(HEAD_BYTES, HEAD_BYTES + DIGEST_BYTES))) return undefined
  return {
    storedAtMs: head.readDoubleBE(6),
    policy: { maxAgeSeconds: head.readUInt32BE(14), scope: head.readUInt8(5) === 0 ? 'PUBLIC' : 'PRIVATE' },
    text: text.toString('utf8'),
  }
}

function digest(key: string, head: Buffer, text: Buffer): Buffer {
  return createHash('sha256').update(key).update(head).update(text).digest()
}
