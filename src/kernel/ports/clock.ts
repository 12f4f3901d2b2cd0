/** Time, as a thing that tests can move. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export const SYSTEM_CLOCK: Clock = { now: () => Date.now() }
