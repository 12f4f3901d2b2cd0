import { LRUCache } from 'lru-cache'
import type { GatewayError } from '../../kernel/gateway-error.js'
import type { QueryPlan } from '../../kernel/query-plan.js'
import type { PlanCacheOptions } from '../options.js'
import { planBytes } from './plan-size.js'

/** Failures have a memory of their own, so that they cannot push plans out. */
const MAX_FAILURES = 1_000

/**
 * Remembers plans and failures by operation hash, and makes each only once however many callers wait for it.
 *
 * A remembered plan is returned as a value: the hot path has no promise.
 */
export class PlanCache {
  readonly #plans: LRUCache<string, QueryPlan>
  readonly #failures = new LRUCache<string, GatewayError>({ max: MAX_FAILURES })
  readonly #underway = new Map<string, Promise<QueryPlan>>()

  constructor(options: PlanCacheOptions) {
    this.#plans = new LRUCache({
      max: options.maxEntries,
      maxSize: options.maxBytes,
      sizeCalculation: planBytes,
    })
  }

  /** Gives the plan of `hash`, made by `make` if need be; `make` rejects with what shall be remembered. */
  get(
    hash: string,
    make: () => Promise<QueryPlan>,
    toFailure: (error: unknown) => GatewayError,
  ): QueryPlan | Promise<QueryPlan> {
    const plan = this.#plans.get(hash)
    if (plan !== undefined) return plan
    const failure = this.#failures.get(hash)
    if (failure !== undefined) throw failure
    const underway = this.#underway.get(hash)
    if (underway !== undefined) return underway
    const making = this.#make(hash, make, toFailure)
    this.#underway.set(hash, making)
    return making
  }

  async #make(
    hash: string,
    make: () => Promise<QueryPlan>,
    toFailure: (error: unknown) => GatewayError,
  ): Promise<QueryPlan> {
    try {
      const plan = await make()
      this.#plans.set(hash, plan)
      return plan
    } catch (error) {
      const failure = toFailure(error)
      this.#failures.set(hash, failure)
      throw failure
    } finally {
      this.#underway.delete(hash)
    }
  }
}
