import { Deadline } from '../kernel/deadline.js'
import type { CallSubgraph } from '../kernel/upstream-call.js'
import { endedFault } from './subgraph-fault.js'

/**
 * Bounds a call by the subgraph's time limit and by what is left of the request, whichever is shorter.
 *
 * The inner call sees a deadline of its own that ends with the request's, so that the transport has one thing
 * to listen to, whether time is over, the client left or the gateway stops. It owns the only timer of a call.
 */
export function withDeadline(timeoutMs: number, call: CallSubgraph): CallSubgraph {
  return async (request) => {
    const { caller } = request
    const ended = caller.deadline.ended
    if (ended !== undefined) throw endedFault(request.subgraph, ended, false)

    const budgetMs = Math.ceil(Math.min(timeoutMs, caller.deadline.remainingMs()))
    const deadline = new Deadline(budgetMs)
    const timer = setTimeout(() => deadline.end('deadline'), budgetMs)
    const unlink = caller.deadline.onEnd((reason) => deadline.end(reason))
    try {
      return await call({ ...request, caller: { ...caller, deadline } })
    } finally {
      clearTimeout(timer)
      unlink()
    }
  }
}
