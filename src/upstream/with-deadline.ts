import type { EndReason } from '../kernel/deadline.js'
import type { SubgraphCall } from '../kernel/upstream-call.js'
import { OVER, type SendCall, type Settle, type Underway } from './send-call.js'
import { endedFault, type SubgraphFault } from './subgraph-fault.js'
import type { Limited, TimeLimits } from '../kernel/time-limits.js'

/** A subgraph that was given less time than this says nothing about its health by not answering, in milliseconds. */
const FAIR_CHANCE_MS = 500

/**
 * Bounds a call by the subgraph's time limit and by what is left of the request, whichever is shorter.
 *
 * The only guard that gives a call up: when time is over, the client has left or the gateway stops.
 */
export function withDeadline<Reply>(
  timeoutMs: number,
  timeLimits: TimeLimits,
  send: SendCall<Reply>,
): SendCall<Reply> {
  const fairMs = Math.min(timeoutMs, FAIR_CHANCE_MS) * 0.9
  return (call, settle) => {
    const { deadline } = call.caller
    const leftMs = deadline.remainingMs()
    if (leftMs <= 0) {
      settle(endedFault(call.subgraph, deadline.ended ?? 'deadline', false))
      return OVER
    }
    const budgetMs = Math.min(timeoutMs, leftMs)
    const wait = new Wait(call, budgetMs, budgetMs >= fairMs, { timeLimits, settle })
    wait.begin(send)
    return wait
  }
}

interface WaitParts<Reply> {
  readonly timeLimits: TimeLimits
  readonly settle: Settle<Reply>
}

/** One caller's wait for one call. */
class Wait<Reply> implements Limited, Underway {
  place = -1
  readonly expiresAtMs: number
  readonly #call: SubgraphCall
  /** Whether the subgraph is to blame when time runs out. */
  readonly #fair: boolean
  readonly #parts: WaitParts<Reply>
  #underway: Underway | undefined

  constructor(call: SubgraphCall, budgetMs: number, fair: boolean, parts: WaitParts<Reply>) {
    this.#call = call
    this.expiresAtMs = performance.now() + budgetMs
    this.#fair = fair
    this.#parts = parts
  }

  begin(send: SendCall<Reply>): void {
    this.#parts.timeLimits.add(this)
    const stopListening = this.#call.caller.deadline.onEnd((reason) => this.#end(reason))
    this.#underway = send(this.#call, (outcome) => {
      this.#parts.timeLimits.remove(this)
      stopListening()
      this.#parts.settle(outcome)
    })
  }

  expire(): void {
    this.#end('deadline')
  }

  giveUp(fault: SubgraphFault): void {
    this.#underway?.giveUp(fault)
  }

  #end(reason: EndReason): void {
    this.giveUp(endedFault(this.#call.subgraph, reason, reason === 'deadline' && this.#fair))
  }
}
