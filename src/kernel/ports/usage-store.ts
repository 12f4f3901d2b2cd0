import type { UsageRow } from '../usage.js'

/** Sums that one instance hands over at once; the sequence of an instance only rises. */
export interface UsageBatch {
  /** Another one for every start of a process. */
  readonly instance: string
  readonly sequence: number
  /** At most one for each key. */
  readonly rows: readonly UsageRow[]
}

/** Which rows somebody wants to see; days are included at both ends. */
export interface UsageQuestion {
  readonly tenant?: string | undefined
  readonly from: string
  readonly to: string
}

/** What of a month counts against a quota. */
export interface QuotaTotals {
  /** Without those that a limit or a quota refused as a whole. */
  readonly requests: number
  readonly costUnits: number
}

export const NOTHING_USED: QuotaTotals = { requests: 0, costUnits: 0 }

/** Where usage is kept, for all instances and the command line. Rejects when it cannot answer in time. */
export interface UsageStore {
  /**
   * Adds a batch to what is kept. A batch that was added before, even if its sender never heard of it, changes
   * nothing; so one that failed is sent again until it succeeds.
   */
  readonly add: (batch: UsageBatch) => Promise<void>
  /** In the order of day, tenant, caller and operation. */
  readonly list: (question: UsageQuestion) => Promise<readonly UsageRow[]>
  /** Sums of a month (`2026-11`) by tenant, without anonymous callers; tenants without any may be left out. */
  readonly monthTotals: (
    month: string,
    tenants: readonly string[],
  ) => Promise<ReadonlyMap<string, QuotaTotals>>
  /** Forgets the days before this one. */
  readonly forgetBefore: (day: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Keeps batches that could not be written when an instance stopped, for the next start. */
export interface UsageOutbox {
  /** Keeps the batches of one instance, the oldest first. */
  readonly put: (batches: readonly UsageBatch[]) => Promise<void>
  /**
   * Hands each batch that is kept to `send`, in order, and forgets it when that has succeeded.
   *
   * Rejects with what `send` rejects, at once; and at the end where something that is kept cannot be read.
   */
  readonly sendAll: (send: (batch: UsageBatch) => Promise<void>) => Promise<void>
}
