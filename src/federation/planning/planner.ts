import type { RootNode } from '../../kernel/query-plan.js'
import type { OverrideChoice } from './override-choice.js'

export type PlannerName = 'native' | 'apollo'

/** An operation in the form that planners take: without introspection, with at least one field to fetch, unnamed. */
export interface PlannableOperation {
  readonly source: string
}

export interface MadePlan {
  readonly node: RootNode | undefined
  /** Who made it. */
  readonly planner: PlannerName
}

/**
 * Makes plans for the operations on one supergraph, without holding up the event loop.
 *
 * Rejects with PlanningInterrupted where that says nothing about the operation, otherwise with whatever the planner
 * has to say against it.
 */
export interface Planner {
  readonly name: PlannerName
  readonly plan: (operation: PlannableOperation, choice: OverrideChoice) => Promise<MadePlan>
  readonly close: () => Promise<void>
}
