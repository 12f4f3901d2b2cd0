import type { Socket } from 'node:net'
import { PlacedList } from '../kernel/placed-list.js'
import type { Exchange } from './exchange.js'

/** The requests that are being answered, and the news that there are none. */
export class InFlight {
  readonly #exchanges = new PlacedList<Exchange>()
  #listeners: (() => void)[] = []

  get size(): number {
    return this.#exchanges.size
  }

  [Symbol.iterator](): IterableIterator<Exchange> {
    return this.#exchanges[Symbol.iterator]()
  }

  add(exchange: Exchange): void {
    this.#exchanges.add(exchange)
  }

  delete(exchange: Exchange): void {
    if (!this.#exchanges.remove(exchange) || this.#exchanges.size > 0) return
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener()
  }

  /** Says whether a response has begun to go out on this socket. */
  isAnswering(socket: Socket): boolean {
    for (const { request, reply } of this.#exchanges) {
      if (request.raw.socket === socket && reply.raw.headersSent) return true
    }
    return false
  }

  /** Resolves when nothing is in flight. */
  async whenEmpty(): Promise<void> {
    if (this.#exchanges.size === 0) return
    await new Promise<void>((resolve) => this.#listeners.push(resolve))
  }
}
