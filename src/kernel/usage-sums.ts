import type { QuotaTotals, UsageQuestion } from './ports/usage-store.js'
import {
  addCounts,
  emptyCounts,
  monthOf,
  OUTSIDE_QUOTA,
  quotaRequestsOf,
  type UsageKey,
  type UsageRow,
} from './usage.js'

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

  /** All of them, in the order of day, tenant, caller and operation. */
  sorted(): readonly UsageRow[] {
    return [...this.#sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => toRow(sum))
  }

  /** What a question asks for, in that order. */
  rows({ tenant, from, to }: UsageQuestion): readonly UsageRow[] {
    return this.sorted().filter(
      (row) => row.day >= from && row.day <= to && (tenant ?? row.tenant) === row.tenant,
    )
  }

  /** All of them, in no order. */
  *[Symbol.iterator](): Generator<UsageRow> {
    for (const sum of this.#sums.values()) yield toRow(sum)
  }

  forgetBefore(first: string): void {
    for (const [text, { key }] of this.#sums) if (key.day < first) this.#sums.delete(text)
  }
}

function toRow({ key, counts }: Sum): UsageRow {
  return { ...key, ...counts }
}

/** Sums by tenant of what counts against quotas in a month. */
export function toMonthTotals(
  rows: Iterable<UsageRow>,
  month: string,
  tenants: readonly string[],
): ReadonlyMap<string, QuotaTotals> {
  const asked = new Set(tenants)
  const totals = new Map<string, { requests: number; costUnits: number }>()
  for (const row of rows) {
    const { day, tenant, caller } = row
    if (!asked.has(tenant) || caller === OUTSIDE_QUOTA || monthOf(day) !== month) continue
    const total = totals.get(tenant) ?? { requests: 0, costUnits: 0 }
    totals.set(tenant, total)
    total.requests += quotaRequestsOf(row)
    total.costUnits += row.costUnits
  }
  return totals
}
