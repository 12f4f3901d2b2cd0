import type { Standing } from '../../kernel/ports/limit-store.js'

/** Into so many pieces of time a window's counts are put; what is counted too long is so at most one of them. */
export const WINDOW_PIECES = 20

/**
 * The count of one subject in a sliding window: exact in what it admits at once, and never more in any window.
 *
 * Requests that come within a twentieth of the window are counted as if all had come with the last of them. So one is
 * counted for the window's length at least and 5 % longer at most, and 21 numbers are enough whatever the limit is
 * (docs/decisions/0011-limit-script.md). The same rules stand in `take-script.ts`.
 */
export class SlidingWindow {
  /** When the newest piece began. */
  #beganAtMs = 0
  /** Of each piece, the oldest first: when its last request came, and how many points it holds. */
  readonly #lastAtMs: number[] = []
  readonly #points: number[] = []
  #used = 0

  /** Forgets what is out of the window, and returns the time that counts here, which never goes back. */
  settle(nowMs: number, windowMs: number): number {
    const newestAtMs = this.#lastAtMs.at(-1) ?? nowMs
    // A clock that was set back by more than a window would stop all counting until it is there again.
    if (newestAtMs > nowMs + windowMs) this.#forget(this.#lastAtMs.length)
    const atMs = newestAtMs > nowMs + windowMs ? nowMs : Math.max(nowMs, newestAtMs)
    let over = 0
    while (over < this.#lastAtMs.length && (this.#lastAtMs[over] ?? 0) + windowMs <= atMs) over += 1
    if (over > 0) this.#forget(over)
    return atMs
  }

  /** Milliseconds until `points` would fit; 0: they do. For a settled time, as all that follows. */
  waitMs(points: number, limit: number, atMs: number, windowMs: number): number {
    let excess = this.#used + points - limit
    if (excess <= 0) return 0
    for (let piece = 0; piece < this.#points.length; piece += 1) {
      excess -= this.#points[piece] ?? 0
      if (excess <= 0) return (this.#lastAtMs[piece] ?? 0) + windowMs - atMs
    }
    // More than the limit ever admits.
    return windowMs
  }

  add(points: number, atMs: number, windowMs: number): void {
    const newest = this.#points.length - 1
    if (newest < 0 || atMs - this.#beganAtMs >= windowMs / WINDOW_PIECES) {
      this.#beganAtMs = atMs
      this.#lastAtMs.push(atMs)
      this.#points.push(points)
    } else {
      this.#lastAtMs[newest] = atMs
      this.#points[newest] = (this.#points[newest] ?? 0) + points
    }
    this.#used += points
  }

  /** Takes points back out of the piece they were added to, unless time has done so. */
  giveBack(points: number, addedAtMs: number, atMs: number, windowMs: number): void {
    if (addedAtMs + windowMs <= atMs) return
    const piece = this.#lastAtMs.findIndex((lastAtMs) => lastAtMs >= addedAtMs)
    const held = this.#points[piece]
    if (held === undefined) return
    const given = Math.min(points, held)
    this.#points[piece] = held - given
    this.#used -= given
  }

  standing(limit: number, atMs: number, windowMs: number, waitMs: number): Standing {
    const newestAtMs = this.#lastAtMs.at(-1)
    return {
      remaining: Math.max(0, Math.floor(limit - this.#used)),
      resetMs: newestAtMs === undefined ? 0 : newestAtMs + windowMs - atMs,
      waitMs,
      used: this.#used,
    }
  }

  #forget(pieces: number): void {
    this.#lastAtMs.splice(0, pieces)
    for (const points of this.#points.splice(0, pieces)) this.#used -= points
  }
}
