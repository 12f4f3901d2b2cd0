import type { SubgraphCall, SubgraphReply } from '../kernel/upstream-call.js'
import { SubgraphFault } from './subgraph-fault.js'

/** What came of a call. */
export type Outcome<Reply = SubgraphReply> = Reply | SubgraphFault

/** Takes the outcome of a call; is told once, and perhaps before the call was handed back as under way. */
export type Settle<Reply = SubgraphReply> = (outcome: Outcome<Reply>) => void

/** A call on its way. */
export interface Underway {
  /** Ends the call: `fault` becomes its outcome at once. Does nothing to a call that has its outcome. */
  giveUp(fault: SubgraphFault): void
}

/**
 * Sends a call on its way: the one type that every guard (deadline, retry, breaker, …) takes and returns.
 *
 * With a callback instead of a promise: a call passes half a dozen guards, and each of them would cost a promise, an
 * async frame and a turn of the microtask queue. Never throws. What is opened for a subscription passes the same guards
 * as what is replied to a query.
 */
export type SendCall<Reply = SubgraphReply> = (call: SubgraphCall, settle: Settle<Reply>) => Underway

/** What is handed back for a call that was settled on the spot. */
export const OVER: Underway = { giveUp: () => undefined }

export function isFault(outcome: unknown): outcome is SubgraphFault {
  return outcome instanceof SubgraphFault
}
