/** How late the end of a time limit may be noticed, in milliseconds. */
const TICK_MS = 20

/** Something whose time is limited. */
export interface Limited {
  /** On the clock of `performance.now()`, in milliseconds. */
  readonly expiresAtMs: number
  /** Its place in the list; kept by {@link TimeLimits}. */
  place: number
  expire(): void
}

/**
 * Watches the time limits of all calls with one timer.
 *
 * Node keeps a list of its own for each number of milliseconds, and hardly two calls have the same left. Here a call
 * pays for a place in one list, and the list is looked through fifty times a second while there is something in it.
 */
export class TimeLimits {
  readonly #limited: Limited[] = []
  #timer: NodeJS.Timeout | undefined

  add(limited: Limited): void {
    limited.place = this.#limited.push(limited) - 1
    // Unreferenced: what keeps the process alive is the connection that a call waits for.
    this.#timer ??= setInterval(() => this.#look(), TICK_MS).unref()
  }

  /** Takes the last one's place for the one that goes, so that nothing has to move up. */
  remove(limited: Limited): void {
    if (this.#limited[limited.place] !== limited) return
    const last = this.#limited.pop()
    if (last === undefined || last === limited) return
    this.#limited[limited.place] = last
    last.place = limited.place
  }

  #look(): void {
    if (this.#limited.length === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const now = performance.now()
    const expired = this.#limited.filter(({ expiresAtMs }) => expiresAtMs <= now)
    for (const limited of expired) limited.expire()
  }
}
