import type { Admission, Charge } from './decisions.js'
import type { Answer } from './answer.js'
import type { Deadline } from './deadline.js'
import type { Denial } from './denial.js'
import type { FetchOutcome } from './fetch-outcome.js'
import type { GatewayError } from './gateway-error.js'
import type { DocumentTrust, OperationRecord, OperationRequest, VariableValues } from './operation.js'
import type { Principal } from './principal.js'
import type { QueryPlan } from './query-plan.js'
import type { ResponseHead } from './response-head.js'
import type { Traffic } from './traffic.js'
import type { SubgraphEvents, SubscriptionEvent } from './upstream-call.js'

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
  /** Absent where usage is not counted. */
  readonly traffic?: Traffic | undefined
}

/** The front end through which a request came; a label of logs and metrics, never a reason to skip a stage. */
export type FrontEnd = 'graphql' | 'bff' | 'oauth'

export interface Received extends Arrival {
  readonly frontEnd: FrontEnd
  /** The route as it is declared, such as `/web/products/:id`; absent where the front end has but one. */
  readonly route?: string | undefined
  readonly request: OperationRequest
  /** A stored operation, where the front end brings one instead of text; already parsed and validated. */
  readonly stored?: OperationRecord | undefined
  /** True where nobody may come in without a credential; the identify stage then refuses anonymous callers. */
  readonly credentialRequired?: boolean | undefined
  /** True where the front end can carry more than one answer; without it a subscription is refused. */
  readonly carriesStream?: boolean | undefined
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
  /** Absent for a document that only the client answers for; limits may look at it. */
  readonly trust?: DocumentTrust | undefined
}

export interface Authorized extends Resolved {
  readonly denials: readonly Denial[]
  /** What may be asked of subgraphs; null when every field was refused. */
  readonly permitted: OperationRecord | null
  /** True where rules look at the objects that come, so that an answer is for this caller alone. */
  readonly isJudgedAfterFetch?: boolean | undefined
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
  /** Subgraphs that are not asked, each with what its fields are refused with; absent where all are. */
  readonly refusedSubgraphs?: ReadonlyMap<string, GatewayError> | undefined
  /** Of a subscription: what is answered this time. */
  readonly event?: SubscriptionEvent | undefined
}

/** A subscription whose source has been asked. */
export interface Opened extends Planned {
  /** Undefined where there will be no events: `event` then is what came instead, if anything was asked. */
  readonly source: SubgraphEvents | undefined
}

export interface Fetched extends Planned {
  readonly outcome: FetchOutcome
}

export interface Shaped extends Fetched {
  readonly answer: Answer
  /** What the operation cost by what subgraphs gave; absent where cost is not looked at. */
  readonly actualCost?: number | undefined
  /** What of that is used up now: all of it, but for an event, whose root field was paid for at the opening. */
  readonly usedCost?: number | undefined
}

/** Fields that later stations fill. */
type Unfilled = Record<Exclude<keyof Shaped, keyof Received>, undefined>

/**
 * Opens the context of a request.
 *
 * It already has a place for what later stations know, though its type does not show it: on Node 20 a field that
 * a spread adds to an object costs over 1 µs, and one that it replaces a fiftieth of that (measured).
 */
export function receive(arrival: Arrival, facts: Omit<Received, keyof Arrival>): Received {
  const context: Received & Unfilled = {
    requestId: arrival.requestId,
    credentials: arrival.credentials,
    client: arrival.client,
    deadline: arrival.deadline,
    responseHead: arrival.responseHead,
    traffic: arrival.traffic,
    frontEnd: facts.frontEnd,
    route: facts.route,
    request: facts.request,
    stored: facts.stored,
    credentialRequired: facts.credentialRequired,
    carriesStream: facts.carriesStream,
    principal: undefined,
    admission: undefined,
    operation: undefined,
    variables: undefined,
    trust: undefined,
    denials: undefined,
    permitted: undefined,
    isJudgedAfterFetch: undefined,
    charge: undefined,
    plan: undefined,
    planVariables: undefined,
    refusedSubgraphs: undefined,
    event: undefined,
    outcome: undefined,
    answer: undefined,
    actualCost: undefined,
    usedCost: undefined,
  }
  return context
}

/** Credentials exactly as the client sent them; only the identify stage looks inside. */
export interface Credentials {
  readonly authorization?: string | undefined
  readonly apiKey?: string | undefined
  /** Absent also where the request has a credential in a header of its own, which goes before any cookie. */
  readonly cookie?: CookieCredential | undefined
}

/** A token in a cookie, which a browser sends along whatever page asks it to. */
export interface CookieCredential {
  /** As they came; more than one where the request has the cookie several times. */
  readonly values: readonly string[]
  /** Whether the request shows that no page of another site can have made it. */
  readonly isFromOwnPage: boolean
}

export interface ClientFacts {
  /** The peer's address, or the one a trusted proxy vouches for. */
  readonly address: string
  readonly name?: string | undefined
  readonly version?: string | undefined
  /** True where the client wants to be told what its operation costs. */
  readonly asksCost?: boolean | undefined
  /** W3C trace context that came with the request, to be continued upstream. */
  readonly traceparent?: string | undefined
  /** What header rules may let through to subgraphs; absent where there are no such rules. */
  readonly forwarded?: ForwardedHeaders | undefined
}

/** The headers of a client that header rules read, picked and checked when the request came in. */
export interface ForwardedHeaders {
  /** By lower-case name. */
  readonly values: ReadonlyMap<string, string>
  /** Equal exactly when the values are equal and the rules that read them are the same. */
  readonly key: string
}
