import type { AnswerError } from '../kernel/gateway-error.js'
import { isAboveOrBelow, type ResponsePath } from './response-path.js'

/**
 * The errors of one request, at most as many as an answer may hold, and the positions they account for.
 */
export class ErrorLedger {
  readonly errors: AnswerError[] = []
  readonly #explained: ResponsePath[] = []
  readonly #maxErrors: number
  #omitted = 0

  constructor(maxErrors: number) {
    this.#maxErrors = maxErrors
  }

  /** How many errors were left out because the ledger was full. */
  get omitted(): number {
    return this.#omitted
  }

  get isFull(): boolean {
    return this.errors.length >= this.#maxErrors
  }

  /** Adds an error and accounts for its path. */
  add(error: AnswerError): void {
    if (this.isFull) {
      this.#omitted += 1
    } else {
      this.errors.push(error)
    }
    if (error.path) this.explain(error.path)
  }

  /** Accounts for a position without an error of its own, such as a second root field of a failed fetch. */
  explain(path: ResponsePath): void {
    // Bounded like the errors: every null in a non-null position is looked up here.
    if (this.#explained.length < 2 * this.#maxErrors) this.#explained.push(path)
  }

  get explained(): readonly ResponsePath[] {
    return this.#explained
  }

  /** Says whether an error at, above or below this position has been reported already. */
  explains(path: ResponsePath): boolean {
    return this.#explained.some((explained) => isAboveOrBelow(explained, path))
  }
}
