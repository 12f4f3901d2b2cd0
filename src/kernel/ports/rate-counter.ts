import type { RateLimiterAbstract } from 'rate-limiter-flexible'

/** What every limiter of rate-limiter-flexible is made from. */
export interface LimiterOptions {
  readonly keyPrefix: string
  readonly points: number
  /** Seconds. */
  readonly duration: number
}

/**
 * Makes limiters whose counts are shared by all instances when a shared store is configured, and kept in this
 * process otherwise or while the store is away.
 */
export interface RateCounter {
  readonly createLimiter: (options: LimiterOptions) => RateLimiterAbstract
  /** True while counts are shared with other instances. */
  readonly isShared: () => boolean
}
