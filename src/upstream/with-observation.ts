import type { Logger } from '../kernel/ports/logger.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { SubgraphCall } from '../kernel/upstream-call.js'
import { isFault, type SendCall } from './send-call.js'
import type { SubgraphFault } from './subgraph-fault.js'

interface Observers {
  readonly logger: Logger
  readonly metrics: Metrics
}

/**
 * Writes down what came of each call: a metric for all, a log line for faults.
 *
 * Refusals without a hop and clients that left are logged at debug level only, because one hanging subgraph
 * makes thousands of them; the guards say once when they begin to refuse.
 */
export function withObservation<Reply>(
  { logger, metrics }: Observers,
  send: SendCall<Reply>,
): SendCall<Reply> {
  return (call, settle) => {
    const startedAt = performance.now()
    return send(call, (outcome) => {
      const milliseconds = performance.now() - startedAt
      const { subgraph } = call
      metrics.observeSubgraphCall({ subgraph, outcome: isFault(outcome) ? outcome.code : 'ok', milliseconds })
      if (isFault(outcome)) logFault(logger, call, outcome, milliseconds)
      settle(outcome)
    })
  }
}

function logFault(logger: Logger, call: SubgraphCall, fault: SubgraphFault, milliseconds: number): void {
  const { subgraph, operationName } = call
  const { code, reason } = fault
  const { requestId } = call.caller
  const facts = { subgraph, code, reason, requestId, operationName, milliseconds: Math.round(milliseconds) }
  const quiet = code === 'REQUEST_CANCELLED' || code === 'SUBGRAPH_UNAVAILABLE'
  if (quiet) logger.debug(facts, 'subgraph call ended early')
  else logger.warn(facts, 'subgraph call failed')
}
