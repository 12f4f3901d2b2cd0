import { PlanningInterrupted } from './planning-interrupted.js'

/** Leaves the queue; to be called once, when the work is done. */
export type LeaveQueue = () => void

/**
 * Lets a few plans be made at a time, and a bounded number of operations wait for their turn.
 *
 * Cold operations are cheap to send and dear to plan: without a bound a flood of them would take all threads that
 * Node has for files and names, and memory for everyone who waits.
 */
export class PlanningQueue {
  readonly #limits: { readonly running: number; readonly waiting: number }
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limits: { readonly running: number; readonly waiting: number }) {
    this.#limits = limits
  }

  /** Waits for a turn; rejects with PlanningInterrupted where too many wait already. */
  async enter(): Promise<LeaveQueue> {
    if (this.#running >= this.#limits.running) {
      if (this.#waiting.length >= this.#limits.waiting) {
        throw new PlanningInterrupted('busy', 'Too many operations wait for the planner.')
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else {
      this.#running += 1
    }
    return this.#leave
  }

  /** The turn goes to the next in the row, if there is one. */
  readonly #leave = (): void => {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running -= 1
  }
}
