import { LRUCache } from 'lru-cache'
import type { Clock } from '../kernel/ports/clock.js'

const MINUTE_MS = 60_000
const MAX_CALLERS = 10_000

/** Takes one registration from a caller's budget; false where it is used up. */
export type SpendRegistration = (callerKey: string) => boolean

/** Counts texts learned from each caller by the minute; callers that were not heard of for long are forgotten. */
export function createRegistrationBudget(perMinute: number, clock: Clock): SpendRegistration {
  const callers = new LRUCache<string, { startMs: number; spent: number }>({ max: MAX_CALLERS })
  return (callerKey) => {
    const nowMs = clock.now()
    const known = callers.get(callerKey)
    if (known === undefined || nowMs - known.startMs >= MINUTE_MS) {
      callers.set(callerKey, { startMs: nowMs, spent: 1 })
      return true
    }
    known.spent += 1
    return known.spent <= perMinute
  }
}
