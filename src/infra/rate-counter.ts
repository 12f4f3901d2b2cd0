import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Clock } from '../kernel/ports/clock.js'
import type { LimiterOptions, RateCounter } from '../kernel/ports/rate-counter.js'
import { LocalLimiter } from './local-limiter.js'
import type { InfraOptions } from './options.js'
import type { RedisConnection } from './redis-connection.js'
import { SharedLimiter } from './shared-limiter.js'

/**
 * Makes limiters that count in Redis where there is one, and in this process otherwise or meanwhile.
 *
 * Asked for the same limit again, it goes on with the same counts: a new supergraph does not start every
 * window anew, and two users of one prefix share it in this process just as they do in Redis. `instances` says how
 * many share Redis: while it is away, each admits its part of a limit.
 */
export function createRateCounter(
  redis: RedisConnection | undefined,
  options: Pick<InfraOptions, 'memory'>,
  clock: Clock,
  instances: () => number = () => 1,
): RateCounter {
  const limiters = new Map<string, RateLimiterAbstract>()
  const create = (limit: LimiterOptions): RateLimiterAbstract => {
    const local = new LocalLimiter(limit, options.memory.counterBytes, clock, instances)
    return redis === undefined ? local : new SharedLimiter(limit, redis, local)
  }
  return {
    createLimiter: (limit) => {
      const name = `${limit.keyPrefix} ${limit.points}/${limit.duration}`
      const limiter = limiters.get(name) ?? create(limit)
      limiters.set(name, limiter)
      return limiter
    },
    isShared: () => redis?.state() === 'up',
  }
}
