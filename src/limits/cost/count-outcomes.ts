import { Combinations } from '../../kernel/combinations.js'
import { conditionKey, conditionVariables } from '../../kernel/condition-variables.js'
import type { Fetched } from '../../kernel/contexts.js'
import type { DataLayout } from '../../kernel/fetch-outcome.js'
import type { OperationRecord } from '../../kernel/operation.js'
import type { PlanKey } from '../../kernel/plan-keys.js'
import { PLAIN_LAYOUT } from '../../kernel/read-field.js'
import { TooEntangled } from './asked-fields.js'
import { compileCount, type CountCost } from './compile-count.js'
import type { CostModel } from './compile-estimate.js'

/** Says what an operation cost, from what the subgraphs gave for it. */
export type CountOutcome = (context: Fetched) => number

interface Known {
  readonly conditions: readonly string[]
  /** A layout belongs to one plan, of which an operation has few. */
  readonly counts: WeakMap<DataLayout, Combinations<CountCost>>
}

/** Combinations of conditions that are kept of one plan. */
const MOST_COUNTS = 16

/** Makes the count of outcomes; an operation is compiled with its first. */
export function createCountOutcome(model: CostModel & { readonly planKey: PlanKey }): CountOutcome {
  const known = new WeakMap<OperationRecord, Known>()

  function countOf(record: OperationRecord, layout: DataLayout, context: Fetched): CountCost {
    const found = known.get(record) ?? {
      conditions: conditionVariables(record.document),
      counts: new WeakMap(),
    }
    known.set(record, found)
    const counts = found.counts.get(layout) ?? new Combinations<CountCost>(MOST_COUNTS)
    found.counts.set(layout, counts)
    const key = conditionKey(found.conditions, context.variables)
    return counts.get(key, () => compileCount(model, record, layout, context.variables))
  }

  return (context) => {
    const { permitted, outcome, variables, charge } = context
    if (permitted === null || outcome.data === null) return 0
    try {
      return countOf(permitted, outcome.layout ?? PLAIN_LAYOUT, context)(outcome.data, variables)
    } catch (error) {
      if (error instanceof TooEntangled) return charge.cost?.estimated ?? 0
      throw error
    }
  }
}
