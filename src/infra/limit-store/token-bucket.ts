import type { Budget, Standing } from '../../kernel/ports/limit-store.js'

/**
 * The count of one subject as a bucket that is refilled steadily: GCRA in its continuous form (ITU-T I.371, annex A).
 *
 * Kept is what was taken and not yet refilled, in points: so a change of limit or burst finds a count that still
 * says what it said. In any time T no more than `burst + limit / window × T` is admitted. The same rules stand in
 * `limit-scripts.ts`.
 */
export class TokenBucket {
  #used = 0
  #atMs = 0

  /** Refills for the time that went by, and returns the time that counts here, which never goes back. */
  settle(nowMs: number, budget: Budget): number {
    // A clock that was set back by more than a window would stop the refilling until it is there again.
    if (this.#atMs > nowMs + budget.windowMs) this.#atMs = nowMs
    const atMs = Math.max(nowMs, this.#atMs)
    this.#used = Math.max(0, this.#used - (atMs - this.#atMs) * pointsPerMs(budget))
    if (budget.forgivesDebt === true) this.#used = Math.min(this.#used, budget.burst)
    this.#atMs = atMs
    return atMs
  }

  /** Milliseconds until `points` would fit; 0: they do. For a settled time, as all that follows. */
  waitMs(points: number, budget: Budget): number {
    const excess = this.#used + points - budget.burst
    return excess <= 0 ? 0 : Math.max(1, Math.ceil(excess / pointsPerMs(budget)))
  }

  add(points: number): void {
    this.#used += points
  }

  /**
   * Takes points back out, but none that the refilling has given back since.
   *
   * `usedThen` is what was counted when they were added: what of it time cannot have refilled yet is still there.
   */
  giveBack(points: number, usedThen: number, addedAtMs: number, budget: Budget): void {
    const left = usedThen - (this.#atMs - addedAtMs) * pointsPerMs(budget)
    this.#used = Math.max(0, this.#used - Math.max(0, Math.min(points, left)))
  }

  standing(budget: Budget, waitMs: number): Standing {
    return {
      remaining: Math.max(0, Math.floor(budget.burst - this.#used)),
      resetMs: Math.ceil(this.#used / pointsPerMs(budget)),
      waitMs,
      used: this.#used,
    }
  }
}

function pointsPerMs({ limit, windowMs }: Budget): number {
  return limit / windowMs
}
