import type { Logger } from '../kernel/ports/logger.js'
import type { Breaker, Permit, Verdict } from './breaker.js'
import { isFault, OVER, type SendCall } from './send-call.js'
import { SubgraphFault } from './subgraph-fault.js'

/**
 * Leaves a subgraph that keeps failing alone for a while.
 *
 * Counts only faults of the subgraph itself: a refused request or a client that left says nothing about its
 * health. While open, callers get SUBGRAPH_UNAVAILABLE without a network hop.
 */
export function withBreaker<Reply>(breaker: Breaker, logger: Logger, send: SendCall<Reply>): SendCall<Reply> {
  const record = (subgraph: string, permit: Permit, verdict: Verdict): void => {
    const before = breaker.state
    breaker.settle(permit, verdict)
    if (breaker.state === before) return
    if (breaker.state === 'open') logger.warn({ subgraph }, 'breaker opened: subgraph is left alone')
    else logger.info({ subgraph }, 'breaker closed: subgraph is called again')
  }
  return (call, settle) => {
    const permit = breaker.acquire()
    if (permit === undefined) {
      const facts = { reason: 'breaker open', blames: false }
      settle(new SubgraphFault('SUBGRAPH_UNAVAILABLE', call.subgraph, facts))
      return OVER
    }
    // Recorded when the call settles, not when it starts: one that hangs must not look healthy.
    return send(call, (outcome) => {
      record(call.subgraph, permit, toVerdict(outcome))
      settle(outcome)
    })
  }
}

function toVerdict(outcome: unknown): Verdict {
  if (!isFault(outcome)) return 'success'
  if (outcome.blames) return 'fault'
  // A refusal such as 401 or 429 is an answer: whoever gives it is alive.
  return outcome.code === 'SUBREQUEST_HTTP_ERROR' ? 'success' : 'nothing'
}
