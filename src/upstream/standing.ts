import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Breaker } from './breaker.js'

/** Faults in a row, without a success between, after which a subgraph counts as down. */
const DOWN_AFTER_FAULTS = 3

/** How a subgraph did lately, as health reports it; decides nothing. */
export class Standing {
  readonly #subgraph: string
  readonly #breaker: Breaker
  #faultsInRow = 0
  #lastReason = ''

  constructor(subgraph: string, breaker: Breaker) {
    this.#subgraph = subgraph
    this.#breaker = breaker
  }

  succeeded(): void {
    this.#faultsInRow = 0
  }

  failed(reason: string): void {
    this.#faultsInRow++
    this.#lastReason = reason
  }

  /** Not required: the gateway serves partial data without it. */
  health(): DependencyHealth {
    const state = this.#state()
    const health = { name: `subgraph ${this.#subgraph}`, state, required: false }
    return state === 'up' ? health : { ...health, detail: `The last call failed: ${this.#lastReason}.` }
  }

  #state(): DependencyHealth['state'] {
    if (this.#breaker.state === 'open' || this.#faultsInRow >= DOWN_AFTER_FAULTS) return 'down'
    return this.#faultsInRow > 0 || this.#breaker.state === 'half-open' ? 'degraded' : 'up'
  }
}
