import { SubgraphFault } from './subgraph-fault.js'

/** Errors of undici that mean "what came was not HTTP", not "nobody is there". */
const NOT_HTTP = /^(HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_)/

/** The fault of a request that the network ended. */
export function toNetworkFault(subgraph: string, cause: Error, replyHadBegun: boolean): SubgraphFault {
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
