import { Server as NetServer } from 'node:net'
import type { Server } from 'node:http'
import { shuttingDown } from '../kernel/out-of-service.js'
import type { InFlight } from './in-flight.js'
import type { HttpOptions } from './options.js'

/** Time for the line, and then for the sockets, to carry out the answers to requests that were ended. */
const LAST_WORDS_MS = 250

/** Connections of the server that Node's own bookkeeping does not know any more, such as WebSockets. */
export interface Guests {
  /** Takes no new work and closes every connection as soon as its work is done. */
  readonly beginDrain: () => void
  /** Cuts off what is left. */
  readonly cutOff: () => void
}

type DrainOptions = Pick<HttpOptions, 'drainTimeoutMs' | 'idleDrainMs'>

/**
 * Takes a server out of service without losing a request.
 *
 * New connections are refused at once. Idle ones stay open for a moment, because a request may be on its way
 * on them: it is answered with `Connection: close` (Node's own `server.close` would reset it). Requests in
 * flight have `drainTimeoutMs`; what is left then is ended and answered with SHUTTING_DOWN.
 */
export class Drain {
  readonly #server: Server
  readonly #inFlight: InFlight
  readonly #options: DrainOptions
  #closed: Promise<void> | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #guests: Guests | undefined

  constructor(server: Server, inFlight: InFlight, options: DrainOptions) {
    this.#server = server
    this.#inFlight = inFlight
    this.#options = options
  }

  /** Connections that have left HTTP are drained with the others, by whoever speaks with them. */
  watch(guests: Guests): void {
    this.#guests = guests
  }

  get hasBegun(): boolean {
    return this.#closed !== undefined
  }

  /** Stops accepting connections; does nothing the second time. */
  begin(): void {
    if (this.#closed !== undefined) return
    const server = this.#server
    // Not http.Server's close: that one cuts idle connections off in the same tick.
    this.#closed = new Promise((resolve) => {
      NetServer.prototype.close.call(server, () => {
        resolve()
      })
    })
    this.#guests?.beginDrain()
    this.#idleTimer = setTimeout(() => {
      server.closeIdleConnections()
    }, this.#options.idleDrainMs)
  }

  /** Resolves when every request is answered and every connection closed. */
  async finish(): Promise<void> {
    this.begin()
    await within(this.#options.drainTimeoutMs, this.#closed)
    clearTimeout(this.#idleTimer)
    await this.#endTheRest()
    this.#server.closeAllConnections()
    if (this.#guests !== undefined) {
      await within(LAST_WORDS_MS, this.#closed)
      this.#guests.cutOff()
    }
    await this.#closed
  }

  async #endTheRest(): Promise<void> {
    if (this.#inFlight.size === 0) return
    for (const { deadline } of this.#inFlight) deadline?.end('shutdown')
    await within(LAST_WORDS_MS, this.#inFlight.whenEmpty())
    for (const work of this.#inFlight) work.refuse(shuttingDown())
    await within(LAST_WORDS_MS, this.#inFlight.whenEmpty())
  }
}

/** Waits for a promise, but no longer than the time given. */
async function within(milliseconds: number, promise: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([promise, timeout])
  clearTimeout(timer)
}
