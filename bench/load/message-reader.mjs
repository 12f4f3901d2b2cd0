/**
 * Reads HTTP/1.1 messages from a socket, one after the other.
 *
 * Small on purpose: subgraphs and load share one core, and must stay far cheaper than what is measured. Knows
 * Content-Length and chunked bodies; both ends are ours or an ordinary server on the loopback.
 */

const HEAD_END = Buffer.from('\r\n\r\n')
const NOTHING = Buffer.alloc(0)

export class MessageReader {
  #pending = NOTHING
  #onMessage

  /** `onMessage(head, body)`: the head as text, the body as bytes that stay valid only during the call. */
  constructor(onMessage) {
    this.#onMessage = onMessage
  }

  push(chunk) {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    for (;;) {
      const used = this.#take(rest)
      if (used === 0) break
      rest = rest.subarray(used)
      if (rest.length === 0) break
    }
    this.#pending = rest
  }

  /** Bytes of the first whole message, which is handed over; 0 when there is none yet. */
  #take(bytes) {
    const headEnd = bytes.indexOf(HEAD_END)
    if (headEnd < 0) return 0
    const head = bytes.latin1Slice(0, headEnd)
    const start = headEnd + 4
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    if (length === null && /\r\ntransfer-encoding: *chunked/i.test(head)) {
      return this.#takeChunked(bytes, head, start)
    }
    const end = start + (length === null ? 0 : Number(length[1]))
    if (bytes.length < end) return 0
    this.#onMessage(head, bytes.subarray(start, end))
    return end
  }

  #takeChunked(bytes, head, start) {
    const parts = []
    let at = start
    for (;;) {
      const lineEnd = bytes.indexOf('\r\n', at)
      if (lineEnd < 0) return 0
      const size = Number.parseInt(bytes.latin1Slice(at, lineEnd), 16)
      const partEnd = lineEnd + 2 + size
      if (bytes.length < partEnd + 2) return 0
      if (size === 0) {
        this.#onMessage(head, parts.length === 1 ? parts[0] : Buffer.concat(parts))
        return partEnd + 2
      }
      parts.push(bytes.subarray(lineEnd + 2, partEnd))
      at = partEnd + 2
    }
  }
}
