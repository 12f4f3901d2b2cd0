/** Lines are handed on after so many milliseconds, or characters, whichever comes first. */
const LONGEST_WAIT_MS = 10
const LARGEST_BATCH = 32_768

/**
 * Hands lines on several at a time: writing one costs the process more than making it (measured).
 *
 * They wait for a moment that no reader notices; whoever wants them out before then asks.
 */
export class LineBatch {
  readonly #handOn: (lines: string) => void
  #lines = ''
  #timer: NodeJS.Timeout | undefined

  constructor(handOn: (lines: string) => void) {
    this.#handOn = handOn
  }

  add(line: string): void {
    this.#lines += line
    if (this.#lines.length >= LARGEST_BATCH) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), LONGEST_WAIT_MS)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const lines = this.#lines
    this.#lines = ''
    if (lines !== '') this.#handOn(lines)
  }
}
