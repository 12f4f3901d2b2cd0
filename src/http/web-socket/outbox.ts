import type { WebSocket } from 'ws'
import type { Answer } from '../../kernel/answer.js'
import type { AnswerError } from '../../kernel/gateway-error.js'
import type { JsonObject } from '../../kernel/json.js'

/**
 * Writes messages to a client, as long as it reads them.
 *
 * An answer is put into its message as the text that it has already, neither parsed nor written anew. What waits for
 * a client that does not read is bounded: over the limit `overflow` is called in place of another message.
 */
export class Outbox {
  readonly #socket: WebSocket
  readonly #limitBytes: number
  readonly #overflow: () => void

  constructor(socket: WebSocket, limitBytes: number, overflow: () => void) {
    this.#socket = socket
    this.#limitBytes = limitBytes
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

  #send(text: string): number {
    if (this.#socket.readyState !== this.#socket.OPEN) return 0
    if (this.#socket.bufferedAmount > this.#limitBytes) {
      this.#overflow()
      return 0
    }
    // A socket that breaks says so by its own event.
    this.#socket.send(text, () => undefined)
    return Buffer.byteLength(text)
  }
}
