import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Clock } from '../kernel/ports/clock.js'
import type { LimiterOptions } from '../kernel/ports/rate-counter.js'
import { WindowCounts } from './window-counts.js'

/** RateLimiterMemory over bounded counts and a clock that tests can move; never rejects with a fault. */
export class LocalLimiter extends RateLimiterMemory {
  constructor(options: LimiterOptions, maxBytes: number, clock: Clock) {
    super(options)
    // The library has no option for its storage. The version is pinned, and a test watches this seam.
    const seam = this as unknown as { _memoryStorage: WindowCounts }
    seam._memoryStorage = new WindowCounts(maxBytes, clock)
  }
}
