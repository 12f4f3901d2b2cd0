import { createHash } from 'node:crypto'
import type { OperationRecord } from '../../kernel/operation.js'
import { clientText, type CanonicalOperation, type Canonise } from './canonical-operation.js'
import { NOTHING_TO_FETCH, type KnownOperation, type OperationMemo } from './operation-memo.js'
import type { OverrideChoice } from './override-choice.js'
import type { CachedPlan, PlanCache } from './plan-cache.js'
import type { PlanVariables } from './plan-variables.js'
import { plannableOperations } from './plannable-operations.js'
import { joinParts } from './plan-shapes.js'
import type { MadePlan, Planner } from './planner.js'

/** The plan of an operation, which may still have to be made, and how to fill in its variables. */
export interface FoundPlan {
  readonly made: CachedPlan | Promise<CachedPlan>
  readonly variables: PlanVariables
}

interface PlansParts {
  readonly canonise: Canonise
  readonly memo: OperationMemo
  readonly cache: PlanCache
  readonly planner: Planner
}

/** The plan of an operation of which nothing has to be fetched. */
export const EMPTY_PLAN: CachedPlan = { plan: { node: undefined }, planners: [], text: '', hits: 0 }

/** From operations to plans: by what is remembered, and by the planner where nothing is. */
export class Plans {
  readonly #parts: PlansParts

  constructor(parts: PlansParts) {
    this.#parts = parts
  }

  find(record: OperationRecord, choice: OverrideChoice): FoundPlan {
    const { memo, canonise } = this.#parts
    const known = memo.get(record.hash)
    if (known !== undefined) return this.#plan(known, choice, () => canonise(record))
    const canonical = canonise(record)
    const learnt = toKnown(canonical)
    memo.add(record.hash, learnt)
    return this.#plan(learnt, choice, () => canonical)
  }

  /** Plans an operation before it is asked for, and keeps the plan as one that is used. */
  async keep(record: OperationRecord, choice: OverrideChoice): Promise<void> {
    await this.find(record, choice).made
    await this.find(record, choice).made
  }

  #plan(
    { planKey, variables }: KnownOperation,
    choice: OverrideChoice,
    write: () => CanonicalOperation | undefined,
  ): FoundPlan {
    if (planKey === undefined) return { made: EMPTY_PLAN, variables }
    const { cache, planner } = this.#parts
    const key = choice.key === '' ? planKey : `${planKey} ${choice.key}`
    return { made: cache.get(key, () => makePlan(planner, write(), choice)), variables }
  }
}

function toKnown(canonical: CanonicalOperation | undefined): KnownOperation {
  if (canonical === undefined) return NOTHING_TO_FETCH
  const planKey = createHash('sha256').update(canonical.text).digest('base64url')
  return { planKey, variables: canonical.variables }
}

async function makePlan(
  planner: Planner,
  canonical: CanonicalOperation | undefined,
  choice: OverrideChoice,
): Promise<CachedPlan> {
  if (canonical === undefined) throw new Error('Nothing is left of the operation.')
  const parts: MadePlan[] = []
  // One after another, so that an operation takes one place in the planner's queue.
  for (const operation of plannableOperations(canonical)) parts.push(await planner.plan(operation, choice))
  const node = joinParts(parts.map((part) => part.node))
  const planners = [...new Set(parts.map((part) => part.planner))]
  return { plan: { node }, planners, text: clientText(canonical), hits: 0 }
}
