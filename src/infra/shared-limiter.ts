import { RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible'
import type { LimiterOptions } from '../kernel/ports/rate-counter.js'
import type { LocalLimiter } from './local-limiter.js'
import type { RedisConnection } from './redis-connection.js'

/**
 * RateLimiterRedis that does not try a Redis known to be away.
 *
 * Any fault of the store, be it silence or a wrong type under the key, hands the decision to the local
 * limiter, which admits this instance's part: a limit never fails open, and never refuses for the store's sake.
 */
export class SharedLimiter extends RateLimiterRedis {
  readonly #redis: RedisConnection
  readonly #local: LocalLimiter

  constructor(options: LimiterOptions, redis: RedisConnection, local: LocalLimiter) {
    super({ ...options, storeClient: redis.client, insuranceLimiter: local, rejectIfRedisNotReady: true })
    this.#redis = redis
    this.#local = local
  }

  override consume(
    key: string | number,
    points?: number,
    options?: Parameters<RateLimiterRedis['consume']>[2],
  ): Promise<RateLimiterRes> {
    return this.#redis.state() === 'up'
      ? super.consume(key, points, options)
      : this.#local.consume(key, points, options)
  }
}
