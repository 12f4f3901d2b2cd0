import type { Logger } from '../kernel/ports/logger.js'
import { OVER, type SendCall } from './send-call.js'
import { SubgraphFault } from './subgraph-fault.js'

/**
 * Lets only so many calls to one subgraph be in flight, so that a hanging one cannot take the whole gateway.
 *
 * Refuses instead of queueing: a queue before a subgraph that hangs only moves the pile.
 */
export function withBulkhead<Reply>(
  maxConcurrentCalls: number,
  logger: Logger,
  send: SendCall<Reply>,
): SendCall<Reply> {
  let inFlight = 0
  let full = false
  return (call, settle) => {
    if (inFlight >= maxConcurrentCalls) {
      // Said once per filling, not per refused call: the log must not grow with the storm.
      if (!full) logger.warn({ subgraph: call.subgraph, inFlight }, 'too many calls in flight to a subgraph')
      full = true
      const reason = 'too many calls in flight'
      settle(new SubgraphFault('SUBGRAPH_UNAVAILABLE', call.subgraph, { reason, blames: false }))
      return OVER
    }
    inFlight++
    return send(call, (outcome) => {
      inFlight--
      if (inFlight < maxConcurrentCalls / 2) full = false
      settle(outcome)
    })
  }
}
