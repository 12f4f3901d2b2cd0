/**
 * Bytes under a key for a time: the store behind the response cache.
 *
 * Never throws and never hangs: an implementation that cannot answer in time says so with `undefined` or by
 * doing nothing, because a cache may not become a dependency (notes: security §5.2).
 */
export interface KeyValueStore {
  readonly get: (key: string) => Promise<Buffer | undefined> | Buffer | undefined
  readonly set: (key: string, value: Buffer, ttlSeconds: number) => void
}
