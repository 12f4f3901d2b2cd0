import type { QuotaTotals } from './usage-store.js'

/** What one instance knows of a tenant's month when it asks for the total. */
export interface QuotaReport {
  readonly tenant: string
  /** All that this instance has counted since it started. */
  readonly counted: QuotaTotals
  /** As much of `counted` as is part of `known`. */
  readonly reported: QuotaTotals
  /** The total that it was told last. */
  readonly known: QuotaTotals
}

/**
 * Totals of a month that instances share.
 *
 * Reports are running sums, so that one that is sent twice, or late, counts once; and a ledger that lost its memory
 * learns it again from them. Rejects when it cannot answer in time.
 */
export interface QuotaLedger {
  /** Takes reports of a month (`2026-11`) and returns the totals of their tenants, as far as they can be had now. */
  readonly report: (
    month: string,
    reports: readonly QuotaReport[],
  ) => Promise<ReadonlyMap<string, QuotaTotals>>
}
