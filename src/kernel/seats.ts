import type { Identified } from './contexts.js'

/** A place among the operations in flight. */
export interface Seat {
  /** Makes room for the next; to be called once. */
  readonly leave: () => void
}

/** How many operations may be in flight, of all callers and of each. */
export interface Seats {
  /** Takes a place or raises REQUEST_CONCURRENCY_LIMITED; undefined where nothing is limited. */
  readonly take: (context: Identified) => Seat | undefined
}
