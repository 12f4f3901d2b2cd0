import type { Admission, Charge } from './decisions.js'
import type { Answer } from './answer.js'
import type { Deadline } from './deadline.js'
import type { Denial } from './denial.js'
import type { FetchOutcome } from './fetch-outcome.js'
import type { OperationRecord, OperationRequest, VariableValues } from './operation.js'
import type { Principal } from './principal.js'
import type { QueryPlan } from './query-plan.js'
import type { ResponseHead } from './response-head.js'

/**
 * The stations of the line. Each adds at least one required field to the one before, so that a stage that is
 * left out or put in the wrong place does not compile (design §3).
 */

/** A request as it came in, before anybody knows what it asks for. */
export interface Arrival {
  readonly requestId: string
  readonly credentials: Credentials
  readonly client: ClientFacts
  readonly deadline: Deadline
  /** Headers that stages want on the response, whether the request succeeds or is refused. */
  readonly responseHead: ResponseHead
}

/** The front end through which a request came; a label of logs and metrics, never a reason to skip a stage. */
export type FrontEnd = 'graphql' | 'bff'

export interface Received extends Arrival {
  readonly frontEnd: FrontEnd
  readonly request: OperationRequest
  /** A stored operation, where the front end brings one instead of text; already parsed and validated. */
  readonly stored?: OperationRecord
  /** True where nobody may come in without a credential; the identify stage then refuses anonymous callers. */
  readonly credentialRequired?: boolean
}

export interface Identified extends Received {
  readonly principal: Principal
}

export interface Admitted extends Identified {
  readonly admission: Admission
}

export interface Resolved extends Admitted {
  readonly operation: OperationRecord
  readonly variables: VariableValues
}

export interface Authorized extends Resolved {
  readonly denials: readonly Denial[]
  /** What may be asked of subgraphs; null when every field was refused. */
  readonly permitted: OperationRecord | null
}

export interface Charged extends Authorized {
  readonly charge: Charge
}

export interface Planned extends Charged {
  readonly plan: QueryPlan
  /**
   * Values under the names that the plan uses. Operations that differ only in literals and names share one plan, so
   * these are the client's coerced variables, renamed, and the literals of this operation; the same object as
   * `variables` where nothing differs.
   */
  readonly planVariables: VariableValues
}

export interface Fetched extends Planned {
  readonly outcome: FetchOutcome
}

export interface Shaped extends Fetched {
  readonly answer: Answer
}

/** Credentials exactly as the client sent them; only the identify stage looks inside. */
export interface Credentials {
  readonly authorization?: string
  readonly apiKey?: string
}

export interface ClientFacts {
  /** The peer's address, or the one a trusted proxy vouches for. */
  readonly address: string
  readonly name?: string
  readonly version?: string
  /** W3C trace context that came with the request, to be continued upstream. */
  readonly traceparent?: string
}
