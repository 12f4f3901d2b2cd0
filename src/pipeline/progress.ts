import type { Received } from '../kernel/contexts.js'
import type { ChargedCost } from '../kernel/decisions.js'
import type { Deadline } from '../kernel/deadline.js'
import type { OperationRecord } from '../kernel/operation.js'
import type { Principal } from '../kernel/principal.js'
import type { Seat } from '../kernel/seats.js'

/** How far a request came, and when: what a refusal can be logged with, and where the next stage's time begins. */
export class Progress {
  principal: Principal | undefined = undefined
  operation: OperationRecord | undefined = undefined
  /** The request's place among those in flight, once it has one. */
  seat: Seat | undefined = undefined
  costUnits: number | undefined = undefined
  /** What was charged for work of subgraphs that has not begun. */
  unspent: ChargedCost | undefined = undefined
  readonly #deadline: Deadline
  /** On the clock of the deadline: when the stage before ended. */
  clockMs: number

  constructor({ deadline }: Received) {
    this.#deadline = deadline
    this.clockMs = deadline.nowMs()
  }

  /** Notes what the context knows beyond the request itself. */
  note(context: { readonly principal: Principal; readonly operation?: OperationRecord }): void {
    this.principal = context.principal
    this.operation = context.operation
  }

  /** Gives back what was charged for work that never began: the operation has cost nothing then. */
  giveBackUnspent(): void {
    const { unspent } = this
    if (unspent === undefined) return
    this.unspent = undefined
    this.costUnits = 0
    unspent.giveBack?.(unspent.estimated)
  }

  /** Reads the clock and returns the milliseconds since it was last read. */
  lap(): number {
    const before = this.clockMs
    this.clockMs = this.#deadline.nowMs()
    return this.clockMs - before
  }
}
