import type { UsageStore } from '../kernel/ports/usage-store.js'
import { toMonthTotals, UsageSums } from '../kernel/usage-sums.js'

/** Keeps usage in this process, for use without a database or a folder. */
export function createMemoryUsageStore(): UsageStore {
  const sums = new UsageSums()
  /** By instance, the last batch that is part of the sums. */
  const added = new Map<string, number>()
  return {
    add: ({ instance, sequence, rows }) => {
      if (sequence > (added.get(instance) ?? 0)) {
        added.set(instance, sequence)
        sums.add(rows)
      }
      return Promise.resolve()
    },
    list: (question) => Promise.resolve(sums.rows(question)),
    monthTotals: (month, tenants) => Promise.resolve(toMonthTotals(sums, month, tenants)),
    forgetBefore: (first) => {
      sums.forgetBefore(first)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
}
