import { PlacedList, type Placed } from './placed-list.js'

/** How late the end of a time limit may be noticed, in milliseconds. */
const TICK_MS = 20

/** Something whose time is limited. */
export interface Limited extends Placed {
  /** On the clock of `performance.now()`, in milliseconds. */
  readonly expiresAtMs: number
  expire(): void
}

/**
 * Watches the time limits of many waits with one timer.
 *
 * Node keeps a list of its own for each number of milliseconds, and hardly two calls have the same left. Here a wait
 * pays for a place in one list, and the list is looked through fifty times a second while there is something in it.
 */
export class TimeLimits {
  readonly #limited = new PlacedList<Limited>()
  #timer: NodeJS.Timeout | undefined

  add(limited: Limited): void {
    this.#limited.add(limited)
    // Unreferenced: what keeps the process alive is the connection that a call waits for.
    this.#timer ??= setInterval(() => this.#look(), TICK_MS).unref()
  }

  remove(limited: Limited): void {
    this.#limited.remove(limited)
  }

  #look(): void {
    if (this.#limited.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const now = performance.now()
    for (const limited of this.#limited) if (limited.expiresAtMs <= now) limited.expire()
  }
}

/** Waits for a promise as long as its limit allows; rejects with `tooLate` after that, whatever comes of it. */
export function withinLimit<T>(
  limits: TimeLimits,
  budgetMs: number,
  promise: Promise<T>,
  tooLate: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    awaitWithin(limits, budgetMs, promise, {
      done: resolve,
      failed: (error) => {
        reject(error instanceof Error ? error : new Error('It failed.', { cause: error }))
      },
      tooLate: () => {
        reject(tooLate())
      },
    })
  })
}

/** Exactly one of these is called first; what comes of the promise after `tooLate` is told all the same. */
export interface Waiting<T> {
  readonly done: (value: T) => void
  readonly failed: (error: unknown) => void
  readonly tooLate: () => void
}

/** The same without a promise of its own, for whoever makes one anyway. */
export function awaitWithin<T>(
  limits: TimeLimits,
  budgetMs: number,
  promise: Promise<T>,
  { done, failed, tooLate }: Waiting<T>,
): void {
  const limited: Limited = {
    place: -1,
    expiresAtMs: performance.now() + budgetMs,
    expire: () => {
      limits.remove(limited)
      tooLate()
    },
  }
  limits.add(limited)
  promise.then(
    (value) => {
      limits.remove(limited)
      done(value)
    },
    (error: unknown) => {
      limits.remove(limited)
      failed(error)
    },
  )
}
