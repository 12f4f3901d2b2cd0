import type { Clock } from '../kernel/ports/clock.js'
import type { KeyValueStore } from '../kernel/ports/key-value-store.js'
import { isTimeout, type RedisConnection } from './redis-connection.js'

/** After a read without an answer, reads are left out for this long: one request in a second pays, not each. */
const PAUSE_MS = 1_000
/** Writes on their way at once; a Redis that reads slowly may not fill our memory. */
const MAX_UNWRITTEN_BYTES = 16 * 1024 * 1024

/**
 * A key-value store in Redis, shared by all instances, that nobody ever waits long for.
 *
 * Away, late, read-only or holding something else under the key: all the same as not having the value.
 */
export function createRedisKeyValueStore(
  redis: RedisConnection,
  { cacheTimeoutMs }: { readonly cacheTimeoutMs: number },
  clock: Clock,
): KeyValueStore {
  let pausedUntilMs = 0
  let unwrittenBytes = 0

  const read = async (key: string): Promise<Buffer | undefined> => {
    try {
      const value = await redis.sendWithin(cacheTimeoutMs, { name: 'get', args: [key], replyEncoding: null })
      return Buffer.isBuffer(value) ? value : undefined
    } catch (error) {
      if (isTimeout(error)) pausedUntilMs = clock.now() + PAUSE_MS
      return undefined
    }
  }
  return {
    get: (key) => (redis.state() === 'down' || clock.now() < pausedUntilMs ? undefined : read(key)),
    set: (key, value, ttlSeconds) => {
      const ttlMs = Math.floor(ttlSeconds * 1_000)
      if (ttlMs <= 0 || redis.state() === 'down' || unwrittenBytes + value.length > MAX_UNWRITTEN_BYTES)
        return
      unwrittenBytes += value.length
      const written = (): void => {
        unwrittenBytes -= value.length
      }
      redis.client.set(key, value, 'PX', ttlMs).then(written, written)
    },
  }
}
