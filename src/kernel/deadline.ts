import { GatewayError } from './gateway-error.js'
import { shuttingDown } from './out-of-service.js'

/** Why the work of a request should stop before it is done. */
export type EndReason = 'deadline' | 'client-left' | 'shutdown'

type EndListener = (reason: EndReason) => void

/**
 * The time a request has left, and the news that nobody waits for it any more.
 *
 * Lighter than an AbortController per request: it owns no timer. Whoever waits (an upstream call, a store)
 * bounds its own wait by `remainingMs` and listens with `onEnd` for the client leaving.
 */
export class Deadline {
  /** On the clock of `now`, in milliseconds. */
  readonly expiresAtMs: number
  readonly #now: () => number
  #ended: EndReason | undefined
  /** An array, not a set: a request waits for a handful of things at a time. */
  readonly #listeners: EndListener[] = []

  constructor(budgetMs: number, now: () => number = monotonicNow) {
    this.#now = now
    this.expiresAtMs = now() + budgetMs
  }

  /** The clock that this deadline is on, in milliseconds. */
  nowMs(): number {
    return this.#now()
  }

  /** Milliseconds left; zero or less when the time is over or the request was ended. */
  remainingMs(): number {
    return this.#ended === undefined ? this.expiresAtMs - this.#now() : 0
  }

  /** Says why the request has ended, or `undefined` while somebody still waits for it. */
  get ended(): EndReason | undefined {
    return this.#endedAt(this.#now())
  }

  #endedAt(nowMs: number): EndReason | undefined {
    return this.#ended ?? (nowMs >= this.expiresAtMs ? 'deadline' : undefined)
  }

  /** Ends the request and tells every listener once; later calls do nothing. */
  end(reason: EndReason): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    for (const listener of this.#listeners.splice(0)) listener(reason)
  }

  /** Calls `listener` when the request is ended by {@link end}; returns how to stop listening. */
  onEnd(listener: EndListener): () => void {
    if (this.#ended === undefined) this.#listeners.push(listener)
    else listener(this.#ended)
    return () => this.#forget(listener)
  }

  /** Raises what the caller is told about a request that has ended. */
  assertOpen(): void {
    this.assertOpenAt(this.#now())
  }

  /** The same by a reading of its clock ({@link nowMs}) that the caller took a moment ago. */
  assertOpenAt(nowMs: number): void {
    switch (this.#endedAt(nowMs)) {
      case undefined:
        return
      case 'client-left':
        throw new GatewayError('REQUEST_CANCELLED', 'The client closed the request.')
      case 'shutdown':
        throw shuttingDown()
      case 'deadline':
        throw new GatewayError('GATEWAY_TIMEOUT', 'The request took longer than its deadline.')
    }
  }

  /** The last one takes the place of the one that goes. */
  #forget(listener: EndListener): void {
    const place = this.#listeners.indexOf(listener)
    if (place < 0) return
    const last = this.#listeners.pop()
    if (last !== undefined && last !== listener) this.#listeners[place] = last
  }
}

const monotonicNow = (): number => performance.now()
