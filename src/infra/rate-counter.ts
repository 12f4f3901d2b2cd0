import type { Clock } from '../kernel/ports/clock.js'
import type { RateCounter } from '../kernel/ports/rate-counter.js'
import { LocalLimiter } from './local-limiter.js'
import type { InfraOptions } from './options.js'
import type { RedisConnection } from './redis-connection.js'
import { SharedLimiter } from './shared-limiter.js'

/** Makes limiters that count in Redis where there is one, and in this process otherwise or meanwhile. */
export function createRateCounter(
  redis: RedisConnection | undefined,
  options: Pick<InfraOptions, 'memory'>,
  clock: Clock,
): RateCounter {
  return {
    createLimiter: (limit) => {
      const local = new LocalLimiter(limit, options.memory.counterBytes, clock)
      return redis === undefined ? local : new SharedLimiter(limit, redis, local)
    },
    isShared: () => redis?.state() === 'up',
  }
}
