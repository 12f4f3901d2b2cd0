import type { CachePolicy } from '../../kernel/decisions.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import type { VariableValues } from '../../kernel/operation.js'
import type { CallerFacts, CallSubgraph } from '../../kernel/upstream-call.js'
import type { ErrorLedger } from '../error-ledger.js'
import type { EntityKeys } from './entity-keys.js'
import type { FaultReporter } from './fault-reporter.js'
import type { Merge } from './merge.js'
import type { TypeIndex } from './type-index.js'

/** The state of one request's fetches, handed through the compiled plan. */
export interface Run {
  /** The result tree, filled as replies come in. */
  readonly data: RawObject
  /** Under the names of the plan. */
  readonly variables: VariableValues
  readonly caller: CallerFacts
  readonly errors: ErrorLedger
  cachePolicy: CachePolicy | undefined
}

/** A compiled plan node; returns nothing where there was nothing to wait for. */
export type Step = (run: Run) => Promise<void> | undefined

/** What compiled plans of one supergraph have in common. */
export interface PlanTools {
  readonly types: TypeIndex
  readonly entityKeys: EntityKeys
  readonly merge: Merge
  readonly call: CallSubgraph
  readonly faults: FaultReporter
}
