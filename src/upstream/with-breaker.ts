import type { Logger } from '../kernel/ports/logger.js'
import type { CallSubgraph } from '../kernel/upstream-call.js'
import type { Breaker, Permit, Verdict } from './breaker.js'
import { SubgraphFault } from './subgraph-fault.js'

/**
 * Leaves a subgraph that keeps failing alone for a while.
 *
 * Counts only faults of the subgraph itself: a refused request or a client that left says nothing about its
 * health. While open, callers get SUBGRAPH_UNAVAILABLE without a network hop.
 */
export function withBreaker(breaker: Breaker, logger: Logger, call: CallSubgraph): CallSubgraph {
  const settle = (subgraph: string, permit: Permit, verdict: Verdict): void => {
    const before = breaker.state
    breaker.settle(permit, verdict)
    if (breaker.state === before) return
    if (breaker.state === 'open') logger.warn({ subgraph }, 'breaker opened: subgraph is left alone')
    else logger.info({ subgraph }, 'breaker closed: subgraph is called again')
  }
  return async (request) => {
    const permit = breaker.acquire()
    if (permit === undefined) {
      throw new SubgraphFault('SUBGRAPH_UNAVAILABLE', request.subgraph, {
        reason: 'breaker open',
        blames: false,
      })
    }
    // Recorded when the call settles, not when it starts: one that hangs must not look healthy.
    try {
      const reply = await call(request)
      settle(request.subgraph, permit, 'success')
      return reply
    } catch (error) {
      settle(request.subgraph, permit, toVerdict(error))
      throw error
    }
  }
}

function toVerdict(error: unknown): Verdict {
  if (!(error instanceof SubgraphFault)) return 'nothing'
  if (error.blames) return 'fault'
  // A refusal such as 401 or 429 is an answer: whoever gives it is alive.
  return error.code === 'SUBREQUEST_HTTP_ERROR' ? 'success' : 'nothing'
}
