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
  /** Told when nothing waits any more. */
  #listeners: (() => void)[] = []

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

  /** Resolves when the client has taken all that was sent, or is gone; undefined where that is so already. */
  taken(): Promise<void> | undefined {
    if (!this.#isHeld()) return undefined
    return new Promise((resolve) => {
      const stalled = setTimeout(this.#overflow, this.#limits.stallMs)
      this.#listeners.push(() => {
        clearTimeout(stalled)
        resolve()
      })
    })
  }

  #isHeld(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount > 0
  }

  readonly #tell = (): void => {
    if (this.#listeners.length === 0 || this.#isHeld()) return
    for (const listener of this.#listeners.splice(0)) listener()
  }

  #send(text: string): number {
    if (this.#socket.readyState !== this.#socket.OPEN) return 0
    if (this.#socket.bufferedAmount > this.#limits.bytes) {
      this.#overflow()
      return 0
    }
    // A socket that breaks says so by its own event.
    this.#socket.send(text, this.#tell)
    return Buffer.byteLength(text)
  }
}
