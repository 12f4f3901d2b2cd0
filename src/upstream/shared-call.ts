import type { SubgraphCall, SubgraphReply } from '../kernel/upstream-call.js'
import { readAgain } from './read-reply.js'
import { isFault, OVER, type Outcome, type SendCall, type Settle, type Underway } from './send-call.js'
import type { SubgraphFault } from './subgraph-fault.js'

/**
 * How long a call may have been under way to be joined, in milliseconds.
 *
 * Whoever joins a call that hangs has lost his time with it: this bounds for how long a subgraph that is well again
 * looks ill.
 */
const JOINABLE_MS = 500

/** How much is parsed in one turn of the event loop for those who wait for the same reply, in characters. */
const MAX_PARSED_AT_ONCE = 100_000

/** One call to a subgraph, and everybody who waits for it. */
export class SharedCall {
  readonly #call: SubgraphCall
  readonly #onOver: () => void
  readonly #joinableUntilMs = performance.now() + JOINABLE_MS
  #mark: number | undefined
  #waiting: Waiter[] = []
  #underway: Underway = OVER
  /** Of those who waited for their whole time in vain; what the breaker is told when the last one leaves. */
  #blame: SubgraphFault | undefined

  /** `onOver` is told when nobody may join any more. */
  constructor(call: SubgraphCall, onOver: () => void) {
    this.#call = call
    this.#onOver = onOver
  }

  /** Whether it asks the same as `call`, of whose body `mark` is; the identity of the callers is not looked at. */
  answers(call: SubgraphCall, mark: number): boolean {
    this.#mark ??= toMark(this.#call.body)
    return (
      this.#mark === mark &&
      this.#call.subgraph === call.subgraph &&
      this.#call.caller.client.address === call.caller.client.address &&
      this.#call.caller.client.forwarded?.key === call.caller.client.forwarded?.key &&
      this.#call.body === call.body &&
      performance.now() < this.#joinableUntilMs
    )
  }

  /** Waits for the outcome together with the others. */
  join(settle: Settle): Underway {
    const waiter = { settle, giveUp: (fault: SubgraphFault) => this.#leave(waiter, fault) }
    this.#waiting.push(waiter)
    return waiter
  }

  begin(send: SendCall): void {
    this.#underway = send(this.#call, (outcome) => {
      this.#onOver()
      if (isFault(outcome)) for (const waiter of this.#waiting.splice(0)) waiter.settle(outcome)
      else this.#handOut(outcome, outcome)
    })
  }

  /** Takes nobody along; the call is given up when the last one has left. */
  #leave(waiter: Waiter, fault: SubgraphFault): void {
    const place = this.#waiting.indexOf(waiter)
    if (place < 0) return
    this.#waiting.splice(place, 1)
    if (fault.blames) this.#blame = fault
    if (this.#waiting.length === 0) {
      this.#onOver()
      this.#underway.giveUp(this.#blame ?? fault)
    }
    waiter.settle(fault)
  }

  /**
   * Gives each his own: callers write into the data that they get.
   *
   * In portions, because a large reply for a hundred callers is a hundred large replies to parse.
   */
  #handOut(reply: SubgraphReply, first: Outcome): void {
    let outcome = first
    let parsed = 0
    for (let waiter = this.#waiting.shift(); waiter !== undefined; waiter = this.#waiting.shift()) {
      waiter.settle(outcome)
      if (this.#waiting.length === 0) return
      if (parsed > MAX_PARSED_AT_ONCE) {
        setImmediate(() => this.#handOut(reply, readAgain(this.#call.subgraph, reply)))
        return
      }
      outcome = readAgain(this.#call.subgraph, reply)
      parsed += reply.text.length
    }
  }
}

interface Waiter extends Underway {
  readonly settle: Settle
}

const SAMPLES = 16

/**
 * A number that differs for most bodies that differ, from a few characters of them.
 *
 * A look-up in a map would read the whole body first, 6 µs for 4 kB; nearly always nothing is in flight to compare
 * it with. Half of the characters are the last ones, where variables stand.
 */
export function toMark(body: string): number {
  const { length } = body
  let mark = length
  const stride = Math.max(1, Math.floor(length / SAMPLES))
  for (let at = 0; at < length; at += stride) mark = (Math.imul(mark, 31) + body.charCodeAt(at)) | 0
  for (let at = Math.max(0, length - SAMPLES); at < length; at++) {
    mark = (Math.imul(mark, 31) + body.charCodeAt(at)) | 0
  }
  return mark
}
