import type { Dispatcher } from 'undici'
import { Exchange } from './exchange.js'
import type { WriteHeaders } from './request-headers.js'
import type { SendCall } from './send-call.js'
import { SubgraphFault } from './subgraph-fault.js'

export interface TransportParts {
  readonly pool: Pick<Dispatcher, 'dispatch'>
  /** Path and query of the subgraph's URL. */
  readonly path: string
  readonly writeHeaders: WriteHeaders
  readonly maxReplyBytes: number
}

/** Makes the innermost call: one HTTP request over the pool, its reply read and checked. */
export function createTransport(parts: TransportParts): SendCall {
  const { pool, path, writeHeaders, maxReplyBytes } = parts
  return (call, settle) => {
    const { subgraph, caller, body } = call
    const exchange = new Exchange(subgraph, maxReplyBytes, settle)
    try {
      pool.dispatch({ method: 'POST', path, headers: writeHeaders(caller, body), body }, exchange)
    } catch (cause) {
      const facts = { reason: 'request cannot be written', blames: false, cause }
      exchange.giveUp(new SubgraphFault('SUBREQUEST_HTTP_ERROR', subgraph, facts))
    }
    return exchange
  }
}
