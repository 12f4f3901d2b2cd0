import type { Logger } from '../kernel/ports/logger.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { CallSubgraph, SubgraphCall } from '../kernel/upstream-call.js'
import type { Standing } from './standing.js'
import { SubgraphFault } from './subgraph-fault.js'

interface Observers {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly standing: Standing
}

/**
 * Writes down what came of each call: a metric for all, a log line for faults.
 *
 * Refusals without a hop and clients that left are logged at debug level only, because one hanging subgraph
 * makes thousands of them; the guards say once when they begin to refuse.
 */
export function withObservation(observers: Observers, call: CallSubgraph): CallSubgraph {
  return async (request) => {
    const startedAt = performance.now()
    try {
      const reply = await call(request)
      observers.metrics.observeSubgraphCall({
        subgraph: request.subgraph,
        outcome: 'ok',
        milliseconds: performance.now() - startedAt,
      })
      observers.standing.succeeded()
      return reply
    } catch (error) {
      writeDown(observers, request, error, performance.now() - startedAt)
      throw error
    }
  }
}

function writeDown(observers: Observers, request: SubgraphCall, error: unknown, milliseconds: number): void {
  const { subgraph } = request
  const fault = error instanceof SubgraphFault ? error : undefined
  const code = fault?.code ?? 'INTERNAL_SERVER_ERROR'
  observers.metrics.observeSubgraphCall({ subgraph, outcome: code, milliseconds })
  if (fault?.blames === true) observers.standing.failed(fault.reason)

  const facts = {
    subgraph,
    code,
    reason: fault?.reason,
    requestId: request.caller.requestId,
    operationName: request.operationName,
    milliseconds: Math.round(milliseconds),
  }
  const quiet = code === 'REQUEST_CANCELLED' || code === 'SUBGRAPH_UNAVAILABLE'
  if (quiet) observers.logger.debug(facts, 'subgraph call ended early')
  else observers.logger.warn(facts, 'subgraph call failed')
}
