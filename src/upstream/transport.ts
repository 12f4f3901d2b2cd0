import type { Pool } from 'undici'
import type { CallSubgraph } from '../kernel/upstream-call.js'
import { Exchange, type ExchangeFailure, type RawReply } from './exchange.js'
import { readReply } from './read-reply.js'
import type { WriteHeaders } from './request-headers.js'
import { endedFault, SubgraphFault } from './subgraph-fault.js'

export interface TransportParts {
  readonly pool: Pool
  /** Path and query of the subgraph's URL. */
  readonly path: string
  readonly writeHeaders: WriteHeaders
  readonly maxReplyBytes: number
  /** The subgraph's time limit in milliseconds, by which is judged whether it had a fair chance. */
  readonly timeoutMs: number
}

/** A subgraph that was given less time than this says nothing about its health by not answering, in milliseconds. */
const FAIR_CHANCE_MS = 500

/** Makes the innermost call: one HTTP request over the pool, its reply read and checked. */
export function createTransport(parts: TransportParts): CallSubgraph {
  const fairMs = Math.min(parts.timeoutMs, FAIR_CHANCE_MS) * 0.9
  return async (call) => {
    const { subgraph, caller } = call
    const fair = caller.deadline.remainingMs() >= fairMs
    const body = Buffer.from(call.body)
    const raw = await new Promise<RawReply>((resolve, reject) => {
      const outcome = {
        resolve,
        reject: (failure: ExchangeFailure) => reject(toFault(subgraph, failure, fair)),
      }
      const exchange = new Exchange(parts.maxReplyBytes, caller.deadline, outcome)
      const headers = parts.writeHeaders(caller, body)
      parts.pool.dispatch({ method: 'POST', path: parts.path, headers, body }, exchange)
    })
    return readReply(subgraph, raw, parts.maxReplyBytes)
  }
}

function toFault(subgraph: string, failure: ExchangeFailure, fair: boolean): SubgraphFault {
  switch (failure.kind) {
    case 'ended':
      return endedFault(subgraph, failure.reason, failure.reason === 'deadline' && fair)
    case 'too-large':
      return new SubgraphFault('SUBREQUEST_MALFORMED_RESPONSE', subgraph, {
        reason: 'reply over the size limit',
        blames: true,
      })
    case 'network':
      return toNetworkFault(subgraph, failure.cause, failure.replyHadBegun)
  }
}

/** Errors of undici that mean "what came was not HTTP", not "nobody is there". */
const NOT_HTTP = /^(HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_)/

function toNetworkFault(subgraph: string, cause: Error, replyHadBegun: boolean): SubgraphFault {
  const code = codeOf(cause)
  const facts = { reason: code, blames: true, cause }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new SubgraphFault('SUBREQUEST_TIMEOUT', subgraph, facts)
  if (replyHadBegun || NOT_HTTP.test(code)) {
    return new SubgraphFault('SUBREQUEST_MALFORMED_RESPONSE', subgraph, facts)
  }
  // The pool is closed for a generation that has gone: nothing is known of the subgraph.
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_INVALID_ARG') {
    return new SubgraphFault('SUBREQUEST_HTTP_ERROR', subgraph, { ...facts, blames: false })
  }
  return new SubgraphFault('SUBREQUEST_HTTP_ERROR', subgraph, { ...facts, repeatable: true })
}

/** A short name such as ECONNREFUSED; messages of network errors hold addresses and stay in the cause. */
function codeOf(cause: Error): string {
  const { code } = cause as { code?: unknown }
  return typeof code === 'string' ? code : cause.name
}
