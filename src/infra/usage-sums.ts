import type { QuotaTotals, UsageQuestion } from '../kernel/ports/usage-store.js'
import {
  addCounts,
  emptyCounts,
  monthOf,
  OUTSIDE_QUOTA,
  type UsageKey,
  type UsageRow,
} from '../kernel/usage.js'

interface Sum {
  readonly key: UsageKey
  readonly counts: ReturnType<typeof emptyCounts>
}

/** Rows that are added up under their keys. */
export class UsageSums {
  readonly #sums = new Map<string, Sum>()

  constructor(rows: Iterable<UsageRow> = []) {
    this.add(rows)
  }

  add(rows: Iterable<UsageRow>): void {
    for (const row of rows) {
      const { day, tenant, caller, operation } = row
      const text = [day, tenant, caller, operation].join('\n')
      const sum = this.#sums.get(text) ?? { key: { day, tenant, caller, operation }, counts: emptyCounts() }
      this.#sums.set(text, sum)
      addCounts(sum.counts, row)
    }
  }

  /** What a question asks for, in the order of day, tenant, caller and operation. */
  rows({ tenant, from, to }: UsageQuestion): readonly UsageRow[] {
    return [...this.#sums]
      .filter(([, { key }]) => key.day >= from && key.day <= to && (tenant ?? key.tenant) === key.tenant)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { key, counts }]) => ({ ...key, ...counts }))
  }

  /** All of them, in no order. */
  *[Symbol.iterator](): Generator<UsageRow> {
    for (const { key, counts } of this.#sums.values()) yield { ...key, ...counts }
  }

  forgetBefore(first: string): void {
    for (const [text, { key }] of this.#sums) if (key.day < first) this.#sums.delete(text)
  }
}

/** Sums by tenant of what counts against quotas in a month. */
export function toMonthTotals(
  rows: Iterable<UsageRow>,
  month: string,
  tenants: readonly string[],
): ReadonlyMap<string, QuotaTotals> {
  const asked = new Set(tenants)
  const totals = new Map<string, { requests: number; costUnits: number }>()
  for (const { day, tenant, caller, requests, costUnits } of rows) {
    if (!asked.has(tenant) || caller === OUTSIDE_QUOTA || monthOf(day) !== month) continue
    const total = totals.get(tenant) ?? { requests: 0, costUnits: 0 }
    totals.set(tenant, total)
    total.requests += requests
    total.costUnits += costUnits
  }
  return totals
}
