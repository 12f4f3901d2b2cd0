import type { Charged, Received, Shaped } from '../kernel/contexts.js'
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
  /** What it has used; undefined where cost is not looked at. */
  costUnits: number | undefined = undefined
  /** What was charged for work of subgraphs that has not begun. */
  unspent: ChargedCost | undefined = undefined
  /** The part of `costUnits` that was charged last. */
  #charged = 0
  readonly #deadline: Deadline
  /** On the clock of the deadline: when the stage before ended. */
  clockMs: number

  constructor({ deadline }: Pick<Received, 'deadline'>) {
    this.#deadline = deadline
    this.clockMs = deadline.nowMs()
  }

  /** Notes what the context knows beyond the request itself. */
  note(context: { readonly principal: Principal; readonly operation?: OperationRecord }): void {
    this.principal = context.principal
    this.operation = context.operation
  }

  /** Notes what was charged for an operation, or for an event beside what its subscription has paid. */
  noteCharge({ charge: { cost } }: Charged): void {
    this.unspent = cost
    this.#charged = 0
    this.#replaceCharge(cost?.paid)
  }

  /** Notes what has become of it: it has used so much, whatever was charged. */
  noteOutcome({ usedCost }: Shaped): void {
    this.#replaceCharge(usedCost)
  }

  /** Gives back what was charged for work that never began: it has cost nothing then. */
  giveBackUnspent(): void {
    const { unspent } = this
    if (unspent === undefined) return
    this.unspent = undefined
    this.#replaceCharge(0)
    unspent.giveBack?.(unspent.paid)
  }

  #replaceCharge(units: number | undefined): void {
    if (units === undefined) return
    this.costUnits = (this.costUnits ?? 0) - this.#charged + units
    this.#charged = units
  }

  /** Reads the clock and returns the milliseconds since it was last read. */
  lap(): number {
    const before = this.clockMs
    this.clockMs = this.#deadline.nowMs()
    return this.clockMs - before
  }
}
