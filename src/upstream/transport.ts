import type { Connections } from './connections.js'
import { Exchange, type ExchangeFacts } from './exchange.js'
import type { WriteHeaders } from './request-headers.js'
import { isFault, type SendCall } from './send-call.js'
import { SubgraphFault } from './subgraph-fault.js'

export interface TransportParts {
  /** What each exchange knows of the subgraph. */
  readonly facts: ExchangeFacts
  readonly connections: Pick<Connections, 'for'>
  /** Path and query of the subgraph's URL. */
  readonly path: string
  readonly writeHeaders: WriteHeaders
}

/** Makes the innermost call: one HTTP request, its reply read and checked. */
export function createTransport(parts: TransportParts): SendCall {
  const { facts, connections, path, writeHeaders } = parts
  return (call, settle) => {
    const { caller, body } = call
    const isQuery = call.operationType === 'query'
    const dispatchers = connections.for(isQuery)
    const dispatcher = dispatchers.current
    const exchange = new Exchange(facts, (outcome) => {
      if (isFault(outcome) && outcome.code === 'SUBREQUEST_TIMEOUT') dispatchers.distrust(dispatcher)
      settle(outcome)
    })
    try {
      const headers = writeHeaders(caller, body)
      // What may be sent again may also follow another request on its connection before that one is answered.
      const [idempotent, blocking] = [isQuery, !isQuery]
      dispatcher.dispatch({ method: 'POST', path, headers, body, idempotent, blocking }, exchange)
    } catch (cause) {
      const reason = 'request cannot be written'
      exchange.giveUp(
        new SubgraphFault('SUBREQUEST_HTTP_ERROR', facts.subgraph, { reason, blames: false, cause }),
      )
    }
    return exchange
  }
}
