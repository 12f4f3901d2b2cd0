import { RateLimiterRes } from 'rate-limiter-flexible'
import type { Clock } from '../kernel/ports/clock.js'

interface Window {
  count: number
  /** `Infinity` for a count that never starts anew. */
  readonly endsAtMs: number
}

/** What a window costs beside its key: map slot, object, two numbers. A rough upper bound, in bytes. */
const WINDOW_BYTES = 128

/**
 * The counts of one limiter in a bounded piece of memory.
 *
 * Takes the place of the storage of RateLimiterMemory, which keeps a timer per key and grows with every new
 * address. All windows of a limiter are equally long, so the order of insertion is the order in which they
 * end: those over are dropped from the front, and under pressure the one that ends soonest goes first.
 */
export class WindowCounts {
  readonly #windows = new Map<string, Window>()
  readonly #clock: Clock
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes: number, clock: Clock) {
    this.#maxBytes = maxBytes
    this.#clock = clock
  }

  get size(): number {
    return this.#windows.size
  }

  /** Adds to the count of the window that is open, or opens one. The name is the library's. */
  incrby(key: string, points: number, durationSeconds: number): RateLimiterRes {
    const now = this.#clock.now()
    const window = this.#windows.get(key)
    if (window === undefined || window.endsAtMs <= now) return this.set(key, points, durationSeconds)
    window.count += points
    return toResult(window, now, false)
  }

  /** Opens a window with a count. */
  set(key: string, points: number, durationSeconds: number): RateLimiterRes {
    const now = this.#clock.now()
    this.delete(key)
    this.#makeRoom(now, cost(key))
    const window = { count: points, endsAtMs: durationSeconds > 0 ? now + durationSeconds * 1_000 : Infinity }
    this.#windows.set(key, window)
    this.#bytes += cost(key)
    return toResult(window, now, true)
  }

  get(key: string): RateLimiterRes | null {
    const now = this.#clock.now()
    const window = this.#windows.get(key)
    return window === undefined || window.endsAtMs <= now ? null : toResult(window, now, false)
  }

  delete(key: string): boolean {
    if (!this.#windows.delete(key)) return false
    this.#bytes -= cost(key)
    return true
  }

  #makeRoom(now: number, bytes: number): void {
    for (const [key, window] of this.#windows) {
      if (window.endsAtMs > now && this.#bytes + bytes <= this.#maxBytes) return
      this.delete(key)
    }
  }
}

function cost(key: string): number {
  return key.length * 2 + WINDOW_BYTES
}

/** The library's form: minus one where a window never ends; the limiter fills in what remains. */
function toResult(window: Window, now: number, isFirst: boolean): RateLimiterRes {
  const msBeforeNext = window.endsAtMs === Infinity ? -1 : window.endsAtMs - now
  return new RateLimiterRes(0, msBeforeNext, window.count, isFirst)
}
