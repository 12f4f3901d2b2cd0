import { Deadline } from '../../kernel/deadline.js'
import type { FetchOutcome } from '../../kernel/fetch-outcome.js'

/** A run that has gone on for longer, in milliseconds, is not joined: too much of its time is over. */
const JOINABLE_MS = 500

/** One run of a plan, for one request or for several equal ones that wait for it together. */
export class Flight {
  /** For the run itself: ends when the last request that waits for it has ended. */
  readonly deadline: Deadline
  readonly #joinableUntilMs: number
  readonly #onOver: () => void
  #outcome: Promise<FetchOutcome> | undefined
  #waiting = 0
  #joined = 0

  /** `onOver` is told when it has landed, or when nobody waits for it any more. */
  constructor(first: Deadline, onOver: () => void) {
    const remainingMs = first.remainingMs()
    this.deadline = new Deadline(remainingMs)
    this.#joinableUntilMs = remainingMs - JOINABLE_MS
    this.#onOver = onOver
  }

  /** True when more than one request has waited for it. */
  get isShared(): boolean {
    return this.#joined > 1
  }

  get isJoinable(): boolean {
    return this.deadline.remainingMs() >= this.#joinableUntilMs
  }

  /** Sets off; what comes of it is for everybody who waits. */
  start(outcome: Promise<FetchOutcome>): void {
    this.#outcome = outcome
    outcome.then(this.#onOver, this.#onOver)
  }

  /** Waits for the outcome until the request's own end; one that leaves takes nobody with it. */
  wait(deadline: Deadline): Promise<FetchOutcome> {
    this.#waiting += 1
    this.#joined += 1
    return new Promise((resolve, reject) => {
      const stopListening = deadline.onEnd((reason) => {
        this.#waiting -= 1
        if (this.#waiting === 0) {
          this.#onOver()
          this.deadline.end(reason)
        }
        reject(endOf(deadline))
      })
      this.#outcome?.then(
        (outcome) => {
          stopListening()
          resolve(outcome)
        },
        (error: unknown) => {
          stopListening()
          reject(error instanceof Error ? error : new Error('The run failed.', { cause: error }))
        },
      )
    })
  }
}

function endOf(deadline: Deadline): Error {
  try {
    deadline.assertOpen()
  } catch (error) {
    return error as Error
  }
  return new Error('The request has not ended.')
}
