/** The verdict of the request limits: let in, and how much is left. */
export interface Admission {
  readonly limit: number
  readonly remaining: number
  /** Seconds until the window starts anew. */
  readonly resetSeconds: number
}

/** What the operation limits took from the caller's budgets. */
export interface Charge {
  /** Fields with a limit of their own that were counted for this operation. */
  readonly countedFields: number
  /** Absent where cost is not looked at. */
  readonly cost?: ChargedCost
}

/** What an operation was estimated to cost, in units of cost. */
export interface ChargedCost {
  readonly estimated: number
  /**
   * What of the estimate is used up now: all of it, but for subscriptions. The opening of one uses what its root field
   * costs, each event what is asked below.
   */
  readonly paid: number
  /** The most that this caller's operations may be estimated to cost. */
  readonly maximum: number
  /**
   * Returns to the caller's budget what was not needed of the estimate; absent where he has none.
   *
   * To be called once for an operation: a second call may return what time has returned already.
   */
  readonly giveBack?: ((unused: number) => void) | undefined
}

/** For how long, and for whom, an answer may be kept. */
export interface CachePolicy {
  /** Zero: not at all. */
  readonly maxAgeSeconds: number
  readonly scope: 'PUBLIC' | 'PRIVATE'
}

export const NO_STORE: CachePolicy = { maxAgeSeconds: 0, scope: 'PRIVATE' }
