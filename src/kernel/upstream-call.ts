import type { Deadline } from './deadline.js'
import type { CachePolicy } from './decisions.js'
import type { Json, JsonObject } from './json.js'
import type { ClientFacts } from './contexts.js'
import type { GatewayError } from './gateway-error.js'
import type { Principal } from './principal.js'

/** One GraphQL request to one subgraph. */
export interface SubgraphCall {
  readonly subgraph: string
  readonly operationType: 'query' | 'mutation' | 'subscription'
  readonly operationName: string | undefined
  /** The finished JSON body: query, operationName, variables. */
  readonly body: string
  readonly caller: CallerFacts
}

/** The part of a request's context that calls need. */
export interface CallerFacts {
  readonly principal: Principal
  readonly requestId: string
  readonly client: ClientFacts
  readonly deadline: Deadline
}

/** A subgraph's answer whose outer shape has been checked: `data` is an object or null, `errors` a list. */
export interface SubgraphReply {
  /** The whole body as it came, decoded; tells whether any text in `data` was escaped, and can be passed on. */
  readonly text: string
  /** Parsed from `text` for this caller alone, who may do with it what he likes. */
  readonly data: JsonObject | null
  readonly errors: readonly SubgraphReplyError[]
  /** True where the body holds `data` and nothing else. */
  readonly isBare?: boolean
  /** From the reply's Cache-Control; undefined without one. */
  readonly cachePolicy: CachePolicy | undefined
  /** Headers that a rule lets through to the client; absent where none came. */
  readonly passed?: readonly PassedHeader[] | undefined
}

/** The events of a subscription at one subgraph, for one reader. */
export interface SubgraphEvents {
  /**
   * The next event, in the order in which they came; undefined when there are no more, whoever ended them.
   *
   * Rejects with a GatewayError, once, where the subgraph broke off or the reader fell too far behind. Is not asked
   * again before it has answered.
   */
  readonly next: () => Promise<SubgraphReply | undefined>
  /** Lets go of the subgraph; a `next` that waits gets undefined. */
  readonly close: () => void
  /** Headers that a rule lets through to the client; absent where none came. */
  readonly passed?: readonly PassedHeader[] | undefined
}

/** What a subscription is answered from: an event, or what ended the source. */
export type SubscriptionEvent = SubgraphReply | GatewayError

/** A header of a subgraph reply that goes on to the client. */
export interface PassedHeader {
  /** In lower case. */
  readonly name: string
  /** Which one goes out where several replies have it. */
  readonly merge: 'first' | 'last' | 'append'
  /** As they came, checked; more than one where the reply had the header several times. */
  readonly values: readonly string[]
}

/** An error as a subgraph reported it; nothing of it is fit for clients yet. */
export interface SubgraphReplyError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly code?: string
  readonly extensions?: Json
}

/**
 * Calls a subgraph. The one type that every guard (deadline, retry, breaker, …) takes and returns.
 *
 * Rejects with a GatewayError only: SUBREQUEST_HTTP_ERROR, SUBREQUEST_MALFORMED_RESPONSE, SUBREQUEST_TIMEOUT,
 * SUBGRAPH_UNAVAILABLE or REQUEST_CANCELLED.
 */
export type CallSubgraph = (call: SubgraphCall) => Promise<SubgraphReply>

/**
 * Subscribes at a subgraph: its events, or a reply where it answered with one instead, such as errors.
 *
 * No two callers ever share what comes of it. Rejects as {@link CallSubgraph} does; the deadline of the caller bounds
 * the opening and not the stream.
 */
export type OpenSubgraphEvents = (call: SubgraphCall) => Promise<SubgraphEvents | SubgraphReply>
