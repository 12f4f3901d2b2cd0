import type { WebSocket } from 'ws'
import type { WebSocketOptions } from './options.js'

/**
 * Pings a client and cuts the socket off where nothing comes any more, so that a peer that vanished without a word
 * does not hold its place.
 */
export class Heartbeat {
  readonly #socket: WebSocket
  readonly #timer: NodeJS.Timeout
  #heardAtMs = performance.now()

  constructor(socket: WebSocket, { pingIntervalMs, pongTimeoutMs }: WebSocketOptions) {
    this.#socket = socket
    const hear = () => (this.#heardAtMs = performance.now())
    socket.on('pong', hear).on('message', hear).on('ping', hear)
    this.#timer = setInterval(() => {
      this.#beat(pongTimeoutMs)
    }, pingIntervalMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #beat(pongTimeoutMs: number): void {
    const isOverdue = (): boolean => performance.now() - this.#heardAtMs >= pongTimeoutMs
    if (isOverdue()) {
      // Where it was this process that was late, what the client said meanwhile is read before anybody is cut off.
      setImmediate(() => {
        if (isOverdue()) this.#socket.terminate()
      })
    } else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }
}
