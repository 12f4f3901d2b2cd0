import type { Clock } from '../kernel/ports/clock.js'
import type { KeyValueStore } from '../kernel/ports/key-value-store.js'
import { createMemoryKeyValueStore } from './memory-key-value-store.js'
import type { InfraOptions } from './options.js'
import type { RedisConnection } from './redis-connection.js'
import { createRedisKeyValueStore } from './redis-key-value-store.js'

/**
 * Makes the store behind the response cache: shared where there is Redis, in this process otherwise.
 *
 * While Redis is away nothing is remembered, rather than by each instance for itself: an entry invalidated in
 * the meantime would live on in the instances.
 */
export function createKeyValueStore(
  redis: RedisConnection | undefined,
  options: Pick<InfraOptions, 'redis' | 'memory'>,
  clock: Clock,
): KeyValueStore {
  return redis === undefined
    ? createMemoryKeyValueStore(options.memory.cacheBytes, clock)
    : createRedisKeyValueStore(redis, options.redis, clock)
}
