import type { Connections } from '../connections.js'
import type { ExchangeFacts } from '../exchange.js'
import type { WriteHeaders } from '../request-headers.js'
import type { SendCall } from '../send-call.js'
import { SubgraphFault } from '../subgraph-fault.js'
import { EventExchange, type OpenedEvents } from './event-exchange.js'
import type { EventOptions } from './options.js'

export interface EventTransportParts {
  readonly facts: ExchangeFacts
  readonly options: EventOptions
  readonly connections: Pick<Connections, 'streams'>
  /** Path and query of the subgraph's URL. */
  readonly path: string
  readonly writeHeaders: WriteHeaders
}

/** What is asked for; JSON too, in which a subgraph says why there are no events. */
const ACCEPT = 'text/event-stream, application/graphql-response+json;q=0.9, application/json;q=0.8'

/** Makes the innermost opening of a stream: one HTTP request on a connection of its own, for as long as it lasts. */
export function createEventTransport(parts: EventTransportParts): SendCall<OpenedEvents> {
  const { facts, options, connections, path, writeHeaders } = parts
  return ({ caller, body }, settle) => {
    const exchange = new EventExchange(facts, options, settle)
    try {
      const headers = writeHeaders(caller, body)
      const accept = headers.indexOf('accept')
      if (accept >= 0) headers[accept + 1] = ACCEPT
      connections.streams.dispatch({ method: 'POST', path, headers, body, idempotent: false }, exchange)
    } catch (cause) {
      const reason = 'request cannot be written'
      exchange.giveUp(
        new SubgraphFault('SUBREQUEST_HTTP_ERROR', facts.subgraph, { reason, blames: false, cause }),
      )
    }
    return exchange
  }
}
