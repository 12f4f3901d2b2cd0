import type { Clock } from '../kernel/ports/clock.js'
import type { UsageStore } from '../kernel/ports/usage-store.js'
import { UsageSums } from '../kernel/usage-sums.js'
import { monthOf, type UsageCounts, type UsageRow } from '../kernel/usage.js'
import { createToday } from './calendar.js'

export type UsagePeriod = 'day' | 'month'

/** One line of an export: what one caller used of one operation in one period. */
export interface UsageLine extends UsageCounts {
  /** `2026-11-27`, or `2026-11` by month; in UTC. */
  readonly period: string
  readonly tenant: string
  readonly caller: string
  readonly operation: string
}

export interface ReportQuestion {
  readonly tenant?: string | undefined
  /** Included; without it the first day of the month of `to`, or of this one. */
  readonly from?: string | undefined
  /** Included; without it the last day that there is anything of. */
  readonly to?: string | undefined
  readonly by: UsagePeriod
}

/** What is kept of usage, to be looked at. */
export interface UsageReports {
  readonly lines: (question: ReportQuestion) => Promise<readonly UsageLine[]>
  readonly close: () => Promise<void>
}

const END_OF_TIME = '9999-12-31'

export function createUsageReports(store: UsageStore, clock: Clock): UsageReports {
  const today = createToday(clock)
  return {
    async lines({ tenant, from, to, by }) {
      const rows = await store.list({
        tenant,
        from: from ?? `${monthOf(to ?? today().name)}-01`,
        to: to ?? END_OF_TIME,
      })
      return by === 'day' ? rows.map(toLine) : byMonth(rows)
    },
    close: store.close,
  }
}

function toLine({ day: period, ...rest }: UsageRow): UsageLine {
  return { period, ...rest }
}

/** Lines stand in the order of month, tenant, caller and operation. */
function byMonth(rows: readonly UsageRow[]): readonly UsageLine[] {
  return new UsageSums(rows.map((row) => ({ ...row, day: monthOf(row.day) }))).sorted().map(toLine)
}
