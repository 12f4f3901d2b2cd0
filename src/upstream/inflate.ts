import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate as inflateZlib } from 'node:zlib'

/** The encodings of RFC 9110 §8.4.1 that are understood, one at a time. */
const INFLATERS: ReadonlyMap<
  string,
  (bytes: Buffer, limits: { maxOutputLength: number }) => Promise<Buffer>
> = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflateZlib)],
  ['br', promisify(brotliDecompress)],
])

export function isKnownEncoding(encoding: string): boolean {
  return INFLATERS.has(encoding)
}

/**
 * Undoes one Content-Encoding off the event loop; rejects when the result is over `maxBytes`.
 *
 * The output is counted while it grows, so that a small reply cannot become a large memory (a "gzip bomb").
 */
export async function inflate(bytes: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const inflater = INFLATERS.get(encoding)
  if (inflater === undefined) throw new Error('unknown content encoding')
  return inflater(bytes, { maxOutputLength: maxBytes })
}
