import type { CallSubgraph, SubgraphCall } from '../kernel/upstream-call.js'
import type { UpstreamOptions } from './options.js'
import { SubgraphFault } from './subgraph-fault.js'

/** Repeats that may be saved up while all is well: enough for a restart of one instance, not for a storm. */
const MAX_SAVED_REPEATS = 10

/**
 * Repeats a query that the subgraph cannot have worked on: connection refused or reset before any byte, 502, 503.
 *
 * At once, without a pause: the common case is a kept connection that the subgraph had just closed. Mutations
 * are never repeated, since nobody knows what the first one did (notes: security §5.2).
 */
export function withRetry(options: UpstreamOptions['retry'], call: CallSubgraph): CallSubgraph {
  const budget = new RepeatBudget(options.budgetRatio)
  return async (request) => {
    if (request.operationType !== 'query') return call(request)
    budget.earn()
    for (let repeats = 0; ; repeats++) {
      try {
        return await call(request)
      } catch (error) {
        if (repeats >= options.attempts || !isRepeatable(error, request) || !budget.spend()) throw error
      }
    }
  }
}

function isRepeatable(error: unknown, request: SubgraphCall): boolean {
  return error instanceof SubgraphFault && error.repeatable && request.caller.deadline.ended === undefined
}

/** Every call earns a share of a repeat, every repeat costs one. */
class RepeatBudget {
  readonly #ratio: number
  #saved = MAX_SAVED_REPEATS

  constructor(ratio: number) {
    this.#ratio = ratio
  }

  earn(): void {
    this.#saved = Math.min(MAX_SAVED_REPEATS, this.#saved + this.#ratio)
  }

  spend(): boolean {
    if (this.#saved < 1) return false
    this.#saved -= 1
    return true
  }
}
