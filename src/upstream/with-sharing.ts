import type { Metrics } from '../kernel/ports/metrics.js'
import type { InFlight } from './in-flight.js'
import type { SendCall } from './send-call.js'

/**
 * Makes one call of equal queries of one principal that are in flight together.
 *
 * Equal are the subgraph, the body and everything that the subgraph is told of the caller. The request id and trace
 * of the first one go upstream. Mutations never share, and what is asked after one was answered is asked anew, so
 * that a caller reads what he wrote.
 */
export function withSharing(inFlight: InFlight, metrics: Metrics, send: SendCall): SendCall {
  return (call, settle) => {
    if (call.operationType !== 'query') {
      return send(call, (outcome) => {
        inFlight.closeAll(call.caller.principal)
        settle(outcome)
      })
    }
    const known = inFlight.find(call)
    if (known !== undefined) {
      metrics.countSharedCall(call.subgraph)
      return known.join(settle)
    }
    const shared = inFlight.open(call)
    const waiter = shared.join(settle)
    shared.begin(send)
    return waiter
  }
}
