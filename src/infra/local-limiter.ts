import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import type { Clock } from '../kernel/ports/clock.js'
import type { LimiterOptions } from '../kernel/ports/rate-counter.js'
import { WindowCounts } from './window-counts.js'

/**
 * RateLimiterMemory over bounded counts and a clock that tests can move; never rejects with a fault.
 *
 * As a stand-in for Redis it admits its part of the limit, since the other instances count for themselves too;
 * `instances` says how many there are.
 */
export class LocalLimiter extends RateLimiterMemory {
  readonly #limit: number
  readonly #instances: () => number

  constructor(options: LimiterOptions, maxBytes: number, clock: Clock, instances: () => number = () => 1) {
    super(options)
    this.#limit = options.points
    this.#instances = instances
    // The library has no option for its storage. The version is pinned, and a test watches this seam.
    const seam = this as unknown as { _memoryStorage: WindowCounts }
    seam._memoryStorage = new WindowCounts(maxBytes, clock)
  }

  override consume(
    key: string | number,
    points?: number,
    options?: Parameters<RateLimiterMemory['consume']>[2],
  ): Promise<RateLimiterRes> {
    // Rounded up, as the limit store does. The library compares before it returns.
    this.points = Math.ceil(this.#limit / this.#instances())
    return super.consume(key, points, options)
  }
}
