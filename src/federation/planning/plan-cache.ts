import { LRUCache } from 'lru-cache'
import type { GatewayError } from '../../kernel/gateway-error.js'
import type { Clock } from '../../kernel/ports/clock.js'
import type { QueryPlan } from '../../kernel/query-plan.js'
import type { PlanCacheOptions } from '../options.js'
import { PassingMap } from '../../kernel/passing-map.js'
import { toPlanFailure } from './plan-failure.js'
import { failureBytes, planBytes } from './plan-size.js'
import type { PlannerName } from './planner.js'
import { ProvenCache } from '../../kernel/proven-cache.js'

/** Failures have a memory of their own, so that they cannot push plans out. */
const MAX_FAILURES = 1_000
const MAX_FAILURE_BYTES = 4 * 1024 * 1024

/** A plan, with what is worth knowing about it. */
export interface CachedPlan {
  readonly plan: QueryPlan
  /** Who made it; two where the parts of a mutation were made by both. */
  readonly planners: readonly PlannerName[]
  /** The operation, without literals and names, as a client may write it. */
  readonly text: string
  /** How often it was asked for after it had been made. */
  hits: number
}

interface RememberedFailure {
  readonly refusal: GatewayError
  readonly untilMs: number
}

/**
 * Remembers plans and failures by plan key, and makes each only once however many callers wait for it.
 *
 * A remembered plan is returned as a value: the hot path has no promise.
 */
export class PlanCache {
  readonly #clock: Clock
  readonly #plans: ProvenCache<CachedPlan>
  readonly #failures = new LRUCache<string, RememberedFailure>({
    max: MAX_FAILURES,
    maxSize: MAX_FAILURE_BYTES,
    sizeCalculation: ({ refusal }) => failureBytes(refusal),
  })
  /** Bounded by the planners, which refuse when too many wait. */
  readonly #underway = new PassingMap<Promise<CachedPlan>>()

  constructor(options: Pick<PlanCacheOptions, 'maxEntries' | 'maxBytes'>, clock: Clock) {
    this.#clock = clock
    this.#plans = new ProvenCache({
      ...options,
      bytesOf: ({ plan, text }) => planBytes(plan, text),
    })
  }

  /** Gives the plan of `key`, made by `make` if need be; throws or rejects with a GatewayError. */
  get(key: string, make: () => Promise<CachedPlan>): CachedPlan | Promise<CachedPlan> {
    const cached = this.#plans.get(key)
    if (cached !== undefined) {
      cached.hits += 1
      return cached
    }
    const failure = this.#failures.get(key)
    if (failure !== undefined && failure.untilMs > this.#clock.now()) throw failure.refusal
    const underway = this.#underway.get(key)
    if (underway !== undefined) return underway
    const making = this.#make(key, make)
    this.#underway.set(key, making)
    return making
  }

  /** The texts of operations whose plans were asked for again, those asked for most often first. */
  hottest(limit: number): readonly string[] {
    const hits = new Map<string, number>()
    for (const cached of this.#plans.values()) {
      if (cached.hits > 0) hits.set(cached.text, (hits.get(cached.text) ?? 0) + cached.hits)
    }
    const byHits = [...hits].sort(([, one], [, other]) => other - one)
    return byHits.slice(0, limit).map(([text]) => text)
  }

  async #make(key: string, make: () => Promise<CachedPlan>): Promise<CachedPlan> {
    try {
      const made = await make()
      this.#plans.add(key, made)
      return made
    } catch (error) {
      const { refusal, rememberMs } = toPlanFailure(error)
      if (rememberMs > 0) this.#failures.set(key, { refusal, untilMs: this.#clock.now() + rememberMs })
      throw refusal
    } finally {
      this.#underway.delete(key)
    }
  }
}
