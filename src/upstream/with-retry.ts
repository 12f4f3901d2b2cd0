import type { SubgraphCall } from '../kernel/upstream-call.js'
import type { UpstreamOptions } from './options.js'
import { isFault, OVER, type Outcome, type SendCall, type Settle, type Underway } from './send-call.js'
import type { SubgraphFault } from './subgraph-fault.js'

/** Repeats that may be saved up while all is well: enough for a restart of one instance, not for a storm. */
const MAX_SAVED_REPEATS = 10

/**
 * Repeats a query that the subgraph cannot have worked on: connection refused or reset before any byte, 502, 503.
 *
 * At once, without a pause: the common case is a kept connection that the subgraph had just closed. Mutations
 * are never repeated, since nobody knows what the first one did (notes: security §5.2).
 */
export function withRetry(options: UpstreamOptions['retry'], send: SendCall): SendCall {
  const budget = new RepeatBudget(options.budgetRatio)
  return (call, settle) => {
    if (call.operationType !== 'query' || options.attempts === 0) return send(call, settle)
    budget.earn()
    const attempts = new Attempts(call, settle, { send, budget, repeats: options.attempts })
    attempts.begin()
    return attempts
  }
}

interface AttemptParts {
  readonly send: SendCall
  readonly budget: RepeatBudget
  readonly repeats: number
}

/** The attempts of one call, one after the other. */
class Attempts implements Underway {
  readonly #call: SubgraphCall
  readonly #settle: Settle
  readonly #parts: AttemptParts
  #repeats = 0
  #current: Underway = OVER

  constructor(call: SubgraphCall, settle: Settle, parts: AttemptParts) {
    this.#call = call
    this.#settle = settle
    this.#parts = parts
  }

  begin(): void {
    const repeats = this.#repeats
    const underway = this.#parts.send(this.#call, (outcome) => {
      if (this.#isWorthRepeating(outcome)) this.begin()
      else this.#settle(outcome)
    })
    // An attempt that failed on the spot has been followed by the next one already.
    if (repeats === this.#repeats) this.#current = underway
  }

  /** The fault of a call that was given up is never one that is repeated. */
  giveUp(fault: SubgraphFault): void {
    this.#current.giveUp(fault)
  }

  #isWorthRepeating(outcome: Outcome): boolean {
    if (!isFault(outcome) || !outcome.repeatable || this.#repeats >= this.#parts.repeats) return false
    this.#repeats++
    return this.#parts.budget.spend()
  }
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
