import { GatewayError } from './gateway-error.js'

/** Why the work of a request should stop before it is done. */
export type EndReason = 'deadline' | 'client-left' | 'shutdown'

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
  #listeners: Set<(reason: EndReason) => void> | undefined

  constructor(budgetMs: number, now: () => number = () => performance.now()) {
    this.#now = now
    this.expiresAtMs = now() + budgetMs
  }

  /** Milliseconds left; zero or less when the time is over. */
  remainingMs(): number {
    return this.expiresAtMs - this.#now()
  }

  /** Says why the request has ended, or `undefined` while somebody still waits for it. */
  get ended(): EndReason | undefined {
    if (this.#ended === undefined && this.remainingMs() <= 0) return 'deadline'
    return this.#ended
  }

  /** Ends the request and tells every listener once; later calls do nothing. */
  end(reason: EndReason): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    const listeners = this.#listeners
    this.#listeners = undefined
    for (const listener of listeners ?? []) listener(reason)
  }

  /** Calls `listener` when the request is ended by {@link end}; returns how to stop listening. */
  onEnd(listener: (reason: EndReason) => void): () => void {
    if (this.#ended !== undefined) {
      listener(this.#ended)
      return () => undefined
    }
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
    return () => this.#listeners?.delete(listener)
  }

  /** Raises what the caller is told about a request that has ended. */
  assertOpen(): void {
    switch (this.ended) {
      case undefined:
        return
      case 'client-left':
        throw new GatewayError('REQUEST_CANCELLED', 'The client closed the request.')
      case 'shutdown':
        throw new GatewayError('SHUTTING_DOWN', 'This instance is stopping.', {
          headers: { 'retry-after': '1' },
        })
      case 'deadline':
        throw new GatewayError('GATEWAY_TIMEOUT', 'The request took longer than its deadline.')
    }
  }
}
