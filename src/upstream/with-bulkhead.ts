import type { Logger } from '../kernel/ports/logger.js'
import type { CallSubgraph } from '../kernel/upstream-call.js'
import { SubgraphFault } from './subgraph-fault.js'

/**
 * Lets only so many calls to one subgraph be in flight, so that a hanging one cannot take the whole gateway.
 *
 * Refuses instead of queueing: a queue before a subgraph that hangs only moves the pile.
 */
export function withBulkhead(maxConcurrentCalls: number, logger: Logger, call: CallSubgraph): CallSubgraph {
  let inFlight = 0
  let full = false
  return async (request) => {
    if (inFlight >= maxConcurrentCalls) {
      // Said once per filling, not per refused call: the log must not grow with the storm.
      if (!full)
        logger.warn({ subgraph: request.subgraph, inFlight }, 'too many calls in flight to a subgraph')
      full = true
      throw new SubgraphFault('SUBGRAPH_UNAVAILABLE', request.subgraph, {
        reason: 'too many calls in flight',
        blames: false,
      })
    }
    inFlight++
    try {
      return await call(request)
    } finally {
      inFlight--
      if (inFlight < maxConcurrentCalls / 2) full = false
    }
  }
}
