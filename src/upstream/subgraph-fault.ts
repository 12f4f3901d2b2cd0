import type { EndReason } from '../kernel/deadline.js'
import { GatewayError } from '../kernel/gateway-error.js'

/** What the guards need to know about a failed call, beside the code that the client sees. */
export interface FaultFacts {
  /** For the log: what went wrong, in words that hold no address and nothing of the reply. */
  readonly reason: string
  /** Whether it says something about the subgraph's health; a refused request or a client that left does not. */
  readonly blames: boolean
  /** Whether the subgraph cannot have worked on it, or asks for another attempt: a query may be sent again. */
  readonly repeatable?: boolean
  readonly cause?: unknown
}

type FaultCode =
  | 'SUBREQUEST_HTTP_ERROR'
  | 'SUBREQUEST_MALFORMED_RESPONSE'
  | 'SUBREQUEST_TIMEOUT'
  | 'SUBGRAPH_UNAVAILABLE'
  | 'REQUEST_CANCELLED'

const MESSAGES: Readonly<Record<FaultCode, (subgraph: string) => string>> = {
  SUBREQUEST_HTTP_ERROR: (subgraph) => `Subgraph '${subgraph}' could not be reached or refused the request.`,
  SUBREQUEST_MALFORMED_RESPONSE: (subgraph) => `Subgraph '${subgraph}' did not give a usable answer.`,
  SUBREQUEST_TIMEOUT: (subgraph) => `Subgraph '${subgraph}' did not answer in time.`,
  SUBGRAPH_UNAVAILABLE: (subgraph) => `Subgraph '${subgraph}' is not available at the moment.`,
  REQUEST_CANCELLED: () => 'The client closed the request.',
}

/**
 * A subgraph call that failed.
 *
 * The message is one of five fixed sentences: what a client reads never depends on what the subgraph sent.
 */
export class SubgraphFault extends GatewayError {
  readonly reason: string
  readonly blames: boolean
  readonly repeatable: boolean

  constructor(code: FaultCode, subgraph: string, facts: FaultFacts) {
    super(code, MESSAGES[code](subgraph), { cause: facts.cause, extensions: { service: subgraph } })
    this.reason = facts.reason
    this.blames = facts.blames
    this.repeatable = facts.repeatable ?? false
  }
}

/** The fault of a call that was given up because time was over, the client left or the gateway stops. */
export function endedFault(subgraph: string, reason: EndReason, blames: boolean): SubgraphFault {
  return reason === 'client-left'
    ? new SubgraphFault('REQUEST_CANCELLED', subgraph, { reason: 'client left', blames: false })
    : new SubgraphFault('SUBREQUEST_TIMEOUT', subgraph, { reason, blames })
}
