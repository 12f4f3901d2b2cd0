import type { Identified } from '../kernel/contexts.js'
import type { GatewayError } from '../kernel/gateway-error.js'
import { retryLater } from '../kernel/retry-later.js'
import type { Seat, Seats } from '../kernel/seats.js'
import { toCallerKey } from './caller-key.js'
import type { ConcurrencyOptions } from './options.js'
import { tierOf } from './caller-tier.js'

export interface LimitedSeats extends Seats {
  /** Takes other numbers into force; who is in flight stays counted. */
  readonly use: (options: ConcurrencyOptions) => void
  /** How many callers are remembered, in flight or not. */
  readonly size: () => number
}

/** Callers that are remembered without anything in flight; then they are swept out together. */
const MOST_IDLE = 4_096

/**
 * Makes the limits on operations in flight in this process.
 *
 * In a process and not over all of them, because it is a process's memory and time that they protect; how often a
 * caller may come is the other limits' matter. A subscription has its place until it is let in, not for its life.
 */
export function createSeats(options: ConcurrencyOptions): LimitedSeats {
  let { enabled, overall, perCaller } = options
  const callers = new Map<string, CallerSeats>()
  let taken = 0
  const free = (): void => {
    taken -= 1
  }

  const callerOf = (key: string): CallerSeats => {
    let caller = callers.get(key)
    if (caller === undefined) {
      // A map that loses and gains a member with every request is replaced by V8 over and over (kernel/placed-list.ts).
      if (callers.size >= MOST_IDLE + taken) sweep(callers)
      caller = new CallerSeats(free)
      callers.set(key, caller)
    }
    return caller
  }
  return {
    take: (context) => {
      if (!enabled) return undefined
      if (taken >= overall) throw refuse(context, 'The gateway has too many operations in flight.')
      const caller = callerOf(toCallerKey(context))
      if (caller.taken >= perCaller[tierOf(context.principal)]) {
        throw refuse(context, 'The caller has too many operations in flight.')
      }
      taken += 1
      caller.taken += 1
      return caller
    },
    use: (next) => {
      ;({ enabled, overall, perCaller } = next)
    },
    size: () => callers.size,
  }
}

/** The places of one caller; each of them is left by the same call, so that a request makes no object of its own. */
class CallerSeats implements Seat {
  taken = 0
  readonly #free: () => void

  constructor(free: () => void) {
    this.#free = free
  }

  readonly leave = (): void => {
    this.taken -= 1
    this.#free()
  }
}

function sweep(callers: Map<string, CallerSeats>): void {
  for (const [key, { taken }] of callers) if (taken === 0) callers.delete(key)
}

function refuse({ responseHead }: Identified, message: string): GatewayError {
  return retryLater(responseHead, 1, 'REQUEST_CONCURRENCY_LIMITED', message)
}
