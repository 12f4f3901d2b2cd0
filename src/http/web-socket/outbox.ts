import type { WebSocket } from 'ws'
import type { Answer } from '../../kernel/answer.js'
import type { AnswerError } from '../../kernel/gateway-error.js'
import type { JsonObject } from '../../kernel/json.js'

export interface OutboxLimits {
  /** What may wait for a client before another message is sent. */
  readonly bytes: number
  /** How long it may take to read what waits. */
  readonly stallMs: number
}

/**
 * Writes messages to a client, as long as it reads them.
 *
 * An answer is put into its message as the text that it has already, neither parsed nor written anew. What waits for
 * a client that does not read is bounded: over the limits `overflow` is called.
 */
export class Outbox {
  readonly #socket: WebSocket
  readonly #limits: OutboxLimits
  readonly #overflow: () => void
  /** Messages so far, and those of them that the client has taken, in their order. */
  #sent = 0
  #taken = 0
  #listeners: { readonly upTo: number; readonly tell: () => void }[] = []

  constructor(socket: WebSocket, limits: OutboxLimits, overflow: () => void) {
    this.#socket = socket
    this.#limits = limits
    this.#overflow = overflow
  }

  acknowledge(): void {
    this.#send('{"type":"connection_ack"}')
  }

  pong(payload: JsonObject | undefined): void {
    this.#send(JSON.stringify({ type: 'pong', payload }))
  }

  /** Messages about an operation give back their bytes, as far as they went out. */
  next(id: string, answer: Answer): number {
    return this.#send(`{"id":${JSON.stringify(id)},"type":"next","payload":${answer.text}}`)
  }

  error(id: string, errors: readonly AnswerError[]): number {
    return this.#send(JSON.stringify({ id, type: 'error', payload: errors }))
  }

  complete(id: string): number {
    return this.#send(JSON.stringify({ id, type: 'complete' }))
  }

  /** Resolves when the client has taken the last message, or is gone; undefined where that is so already. */
  taken(): Promise<void> | undefined {
    if (this.#taken === this.#sent || this.#socket.bufferedAmount === 0) return undefined
    return new Promise((resolve) => {
      const stalled = setTimeout(this.#overflow, this.#limits.stallMs)
      const tell = (): void => {
        clearTimeout(stalled)
        resolve()
      }
      this.#listeners.push({ upTo: this.#sent, tell })
    })
  }

  /** Called for each message, also where the socket breaks. */
  readonly #take = (): void => {
    this.#taken += 1
    while (this.#listeners[0] !== undefined && this.#listeners[0].upTo <= this.#taken) {
      this.#listeners.shift()?.tell()
    }
  }

  #send(text: string): number {
    if (this.#socket.readyState !== this.#socket.OPEN) return 0
    if (this.#socket.bufferedAmount > this.#limits.bytes) {
      this.#overflow()
      return 0
    }
    this.#sent += 1
    // A socket that breaks says so by its own event.
    this.#socket.send(text, this.#take)
    return Buffer.byteLength(text)
  }
}
