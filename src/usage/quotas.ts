import type { Clock } from '../kernel/ports/clock.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { QuotaLedger } from '../kernel/ports/quota-ledger.js'
import { NOTHING_USED, type UsageStore } from '../kernel/ports/usage-store.js'
import type { CalendarDay } from './calendar.js'
import type { LiveUsageOptions } from './options.js'
import { QuotaBook, type MonthReports } from './quota-book.js'
import { createQuotaCheck, type QuotaCheck } from './quota-check.js'

export interface QuotasPorts {
  readonly store: UsageStore
  /** Absent where instances share no Redis. */
  readonly ledger?: QuotaLedger | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly today: () => CalendarDay
  /** Called when a tenant is met whose total is not known yet. */
  readonly onNewTenant: () => void
}

/** Quotas, and how they keep up with what other instances count. */
export interface Quotas extends QuotaCheck {
  readonly book: QuotaBook
  /** With a ledger: before the store is written, which the ledger looks into when it knows nothing. */
  readonly compareBeforeWriting: () => Promise<void>
  /** To be called when the store has all that was counted. */
  readonly noteWritten: () => void
  /** Without a ledger: the store's own sums are the totals, as of the last note. */
  readonly compareAfterWriting: () => Promise<void>
}

/** Makes the quotas that the options name; once in a process, for the ledger knows its counts as one running sum. */
export function createQuotas(options: LiveUsageOptions, ports: QuotasPorts): Quotas {
  const { store, ledger, logger, today, clock } = ports
  const book = new QuotaBook(today, ports.onNewTenant)
  let written: readonly MonthReports[] = []

  const compare = async (months: readonly MonthReports[], asked: QuotaLedger): Promise<void> => {
    for (const month of months) {
      if (month.reports.length === 0) continue
      try {
        book.settle(month, await asked.report(month.month, month.reports))
      } catch (error) {
        logger.debug({ err: error }, 'quotas go on from the last totals')
      }
    }
  }
  return {
    ...createQuotaCheck(options, { book, today, clock }),
    book,
    compareBeforeWriting: async () => {
      if (ledger !== undefined) await compare(book.reports(), ledger)
    },
    noteWritten: () => {
      if (ledger === undefined) written = book.reports()
    },
    compareAfterWriting: async () => {
      if (ledger === undefined) await compare(written, storeLedger(store))
    },
  }
}

/** The store's own sums: the reports are part of them already. */
function storeLedger(store: UsageStore): QuotaLedger {
  return {
    async report(month, reports) {
      const tenants = reports.map(({ tenant }) => tenant)
      const totals = await store.monthTotals(month, tenants)
      return new Map(tenants.map((tenant) => [tenant, totals.get(tenant) ?? NOTHING_USED]))
    },
  }
}
