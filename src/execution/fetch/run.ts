import type { CachePolicy } from '../../kernel/decisions.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import type { GatewayError } from '../../kernel/gateway-error.js'
import type { VariableValues } from '../../kernel/operation.js'
import type { CallerFacts, CallSubgraph, SubscriptionEvent } from '../../kernel/upstream-call.js'
import type { ErrorLedger } from '../error-ledger.js'
import type { PlanLayout } from '../layout/plan-layout.js'
import type { EntityKeys } from './entity-keys.js'
import type { FaultReporter } from './fault-reporter.js'
import type { Merge } from './merge.js'
import type { PassedHeaders } from './passed-headers.js'
import type { TypeIndex } from './type-index.js'

/** The state of one request's fetches, handed through the compiled plan. */
export interface Run {
  /** The root object of the result, filled as replies come in; `layout` says where its fields stand. */
  readonly data: RawObject
  /** Under the names of the plan. */
  readonly variables: VariableValues
  readonly caller: CallerFacts
  /** Of a subscription: what stands for the fetch that its plan begins with. */
  readonly event: SubscriptionEvent | undefined
  /** Subgraphs that are not asked. */
  readonly refused: ReadonlyMap<string, GatewayError> | undefined
  readonly errors: ErrorLedger
  cachePolicy: CachePolicy | undefined
  /**
   * True while no reply held a backslash. JSON text without one holds no escape, so that no string that was read
   * from it can need one when it is written again.
   */
  isEscapeFree: boolean
  /** The text of the last reply, where it held data and nothing else. */
  bareText: string | undefined
  /** Headers of replies that go on to the client. */
  passed: PassedHeaders | undefined
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

/** What the compiled nodes of one plan have in common. */
export interface PlanScope {
  readonly tools: PlanTools
  readonly layout: PlanLayout
}
