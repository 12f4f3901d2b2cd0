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

  add(error: AnswerError): void {
    if (this.isFull) this.#omitted += 1
    else this.errors.push(error)
  }

  /** Counts errors that were not even made because the ledger was full. */
  omit(count: number): void {
    this.#omitted += count
  }

  /** Accounts for the nulls at, above and below a position: they need no error of their own. */
  explain(path: ResponsePath): void {
    // Bounded like the errors: every null in a non-null position is looked up here.
    if (this.#explained.length < 2 * this.#maxErrors) this.#explained.push(path)
  }

  get explained(): readonly ResponsePath[] {
    return this.#explained
  }

  /** Says whether a null at this position is accounted for. */
  explains(path: ResponsePath): boolean {
    return this.#explained.some((explained) => isAboveOrBelow(explained, path))
  }
}
