/** How points are counted: never more than `limit` in any window, or a bucket that refills steadily. */
export type LimitAlgorithm = 'slidingWindow' | 'tokenBucket'

/** What becomes of a limit while the shared store does not answer. */
export type OnStoreFailure = 'local' | 'open' | 'closed'

/** One limit, as it stands for all of its subjects; made once, not per request. */
export interface Budget {
  /**
   * Names its counts: equal names with equal algorithm share them, also over a change of `limit`; sliding windows where
   * the window is equal, too.
   */
  readonly name: string
  readonly algorithm: LimitAlgorithm
  /** Points of one window: at most so many of a sliding window, the steady refill of a token bucket. */
  readonly limit: number
  readonly windowMs: number
  /** What a token bucket holds when it is full; without meaning for a sliding window. */
  readonly burst: number
  /**
   * True: a bucket from which more was taken than it holds now, since `burst` was lowered, is empty and owes nothing.
   *
   * Not for budgets that share a name and differ in `burst`: who comes under the smaller one would be forgiven what he
   * took under the larger.
   */
  readonly forgivesDebt?: boolean
  readonly onStoreFailure: OnStoreFailure
}

/** Points that somebody wants of a budget. */
export interface Claim {
  readonly budget: Budget
  /** Whose count it is. */
  readonly subject: string
  readonly points: number
}

/** How a claim stands after the decision. */
export interface Standing {
  /** Whole points that are left. */
  readonly remaining: number
  /** Milliseconds until nothing is counted any more, when nobody asks meanwhile. */
  readonly resetMs: number
  /** Milliseconds until the same claim would be admitted; 0 where this limit did not refuse it. */
  readonly waitMs: number
  /** Points counted now, those of an admitted claim included. */
  readonly used: number
}

/** What the store decided about all claims together. */
export interface Verdict {
  /** True: every claim is charged. False: none is. */
  readonly isAdmitted: boolean
  /** True where the store is away and a claim wants to be refused then. */
  readonly isUnavailable: boolean
  /** As the claims; undefined for one that is not limited at the moment (`onStoreFailure: open`). */
  readonly standings: readonly (Standing | undefined)[]
  readonly claims: readonly Claim[]
  readonly partition: string
  /** When it was decided, on the clock of whoever counted. */
  readonly atMs: number
  /** Who counted: the store that all instances share, or this process. */
  readonly countedBy: 'shared' | 'local'
}

/**
 * Counts the points of limits, shared by all instances where there is a store that they share.
 *
 * Never rejects and never hangs: a store that is away or silent is stood in for by this process, as each budget
 * wants it.
 */
export interface LimitStore {
  /**
   * Charges all claims or none, in one step that nobody comes between; in one round trip where counts are shared.
   *
   * The counts of one partition lie together, as Redis Cluster wants it of keys that are changed together: what is
   * claimed of one subject must always be claimed in the same partition. Answers without a promise where it counts
   * in this process.
   */
  readonly take: (partition: string, claims: readonly Claim[]) => Verdict | Promise<Verdict>
  /**
   * Gives back points of an admitted claim that were not needed; nobody waits for it.
   *
   * Points that time has given back already are not given twice, so that no limit is ever exceeded by it; and none
   * are given to another store than the one that took them.
   */
  readonly giveBack: (verdict: Verdict, claim: number, points: number) => void
  /** True while counts are shared with other instances. */
  readonly isShared: () => boolean
}
