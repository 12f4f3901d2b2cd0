import type { QueryPlan } from '../../kernel/query-plan.js'

/** An operation in the form that planners take: without introspection, with at least one field to fetch, unnamed. */
export interface PlannableOperation {
  readonly source: string
}

/** Makes plans for the operations on one supergraph; rejects with whatever it has to say when it cannot. */
export interface Planner {
  readonly name: 'native' | 'apollo'
  readonly plan: (operation: PlannableOperation) => Promise<QueryPlan>
}
