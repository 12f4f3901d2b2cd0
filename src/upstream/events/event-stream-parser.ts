/** Hears of the events of a stream, as they are complete. */
export interface EventListener {
  readonly event: (name: string, data: string) => void
  /** A line or an event is longer than allowed; nothing more is read. */
  readonly outgrown: () => void
}

/** The end of a line in every form (WHATWG HTML §9.2.5). */
const LINE_END = /\r\n|\n|\r/g

/**
 * Reads server-sent events from the bytes of a body, chunk by chunk (WHATWG HTML §9.2.6).
 *
 * Holds one unfinished event of at most `maxBytes`; comments and fields that mean nothing here are held no longer than
 * their line. Bytes are read as Latin-1, in which each is one character and line ends are themselves; the data of an
 * event is UTF-8 again when it is complete.
 */
export class EventStreamParser {
  readonly #maxBytes: number
  readonly #listener: EventListener
  /** The pieces of the line that has not ended yet. */
  #pieces: string[] = []
  #lineBytes = 0
  #name = ''
  #data: string[] = []
  #dataBytes = 0
  /** A line feed that comes next belongs to the line end before it. */
  #isAfterReturn = false
  #isFirstLine = true
  #isOver = false

  constructor(maxBytes: number, listener: EventListener) {
    this.#maxBytes = maxBytes
    this.#listener = listener
  }

  write(chunk: Buffer): void {
    if (chunk.length === 0 || this.#hasStopped()) return
    const text = chunk.toString('latin1')
    let start = this.#isAfterReturn && text.startsWith('\n') ? 1 : 0
    this.#isAfterReturn = false
    LINE_END.lastIndex = start
    for (let end = LINE_END.exec(text); end !== null; end = LINE_END.exec(text)) {
      // Before the listener, who may read another stream.
      const next = LINE_END.lastIndex
      this.#isAfterReturn = end[0] === '\r' && next === text.length
      this.#endLine(text.slice(start, end.index))
      if (this.#hasStopped()) return
      start = next
      LINE_END.lastIndex = next
    }
    this.#hold(text.slice(start))
  }

  /** Stops reading. */
  stop(): void {
    this.#isOver = true
    this.#pieces = []
    this.#data = []
  }

  #hasStopped(): boolean {
    return this.#isOver
  }

  #hold(piece: string): void {
    if (piece === '') return
    this.#lineBytes += piece.length
    if (this.#lineBytes + this.#dataBytes > this.#maxBytes) this.#outgrow()
    else this.#pieces.push(piece)
  }

  #endLine(last: string): void {
    this.#hold(last)
    if (this.#hasStopped()) return
    const line = this.#pieces.join('')
    this.#pieces = []
    this.#lineBytes = 0
    if (line === '') this.#dispatch()
    else this.#takeLine(this.#isFirstLine ? withoutMark(line) : line)
    this.#isFirstLine = false
  }

  #takeLine(line: string): void {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') this.#name = value
    if (field !== 'data') return
    this.#dataBytes += value.length + 1
    if (this.#dataBytes > this.#maxBytes) this.#outgrow()
    else this.#data.push(value)
  }

  #dispatch(): void {
    const [name, data] = [this.#name, this.#data.join('\n')]
    this.#name = ''
    this.#data = []
    this.#dataBytes = 0
    if (name !== '' || data !== '') this.#listener.event(name, Buffer.from(data, 'latin1').toString('utf8'))
  }

  #outgrow(): void {
    this.stop()
    this.#listener.outgrown()
  }
}

/** The byte order mark that a stream may begin with, in Latin-1. */
const MARK = '\u00ef\u00bb\u00bf'

function withoutMark(line: string): string {
  return line.startsWith(MARK) ? line.slice(MARK.length) : line
}
