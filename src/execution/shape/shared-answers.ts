import type { Answer } from '../../kernel/answer.js'
import type { Fetched } from '../../kernel/contexts.js'
import type { FetchOutcome } from '../../kernel/fetch-outcome.js'
import type { OperationRecord } from '../../kernel/operation.js'

interface MadeAnswer {
  readonly operation: OperationRecord
  /** As JSON; more may depend on them than what was fetched, such as introspection. */
  readonly variables: string
  readonly answer: Answer
}

/** Gives equal requests that waited for one outcome one answer. */
export class SharedAnswers {
  readonly #made = new WeakMap<FetchOutcome, MadeAnswer>()

  get(context: Fetched, make: () => Answer): Answer {
    const { outcome, operation, denials } = context
    // What is refused to one of them may be granted to another, as by a limit.
    if (outcome.isShared !== true || denials.length > 0) return make()
    const variables = JSON.stringify(context.variables)
    const known = this.#made.get(outcome)
    if (known?.operation === operation && known.variables === variables) return known.answer
    const answer = make()
    answer.share()
    this.#made.set(outcome, { operation, variables, answer })
    return answer
  }
}
