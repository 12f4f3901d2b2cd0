import { SocketFault } from './socket-fault.js'

/** Long enough for a burst, such as a page that subscribes to all that it shows. */
const WINDOW_MS = 10_000

/**
 * Bounds how many messages a client may send, of whatever kind.
 *
 * Operations have the limits of requests, but to find out that a message is only a ping costs time as well, and a socket
 * may send them before anybody knows whose it is.
 */
export class MessageBudget {
  readonly #limit: number
  #beganAtMs = performance.now()
  #taken = 0

  constructor(messagesPerSecond: number) {
    this.#limit = (messagesPerSecond * WINDOW_MS) / 1_000
  }

  /** Raises where this message is one too many. */
  take(): void {
    const nowMs = performance.now()
    if (nowMs - this.#beganAtMs >= WINDOW_MS) {
      this.#beganAtMs = nowMs
      this.#taken = 0
    }
    this.#taken += 1
    if (this.#taken > this.#limit) throw new SocketFault('tooMany')
  }
}
