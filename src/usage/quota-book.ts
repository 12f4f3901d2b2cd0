import type { QuotaReport } from '../kernel/ports/quota-ledger.js'
import { NOTHING_USED, type QuotaTotals } from '../kernel/ports/usage-store.js'
import type { CalendarDay } from './calendar.js'

/** What this instance knows of one tenant's month. */
class Page {
  /** Since the instance started. */
  countedRequests = 0
  countedCost = 0
  reported: QuotaTotals = NOTHING_USED
  known: QuotaTotals = NOTHING_USED
  /** Since the last report. */
  wasAsked = true

  get counted(): QuotaTotals {
    return { requests: this.countedRequests, costUnits: this.countedCost }
  }

  get used(): QuotaTotals {
    return {
      requests: this.known.requests + this.countedRequests - this.reported.requests,
      costUnits: this.known.costUnits + this.countedCost - this.reported.costUnits,
    }
  }
}

export interface MonthReports {
  /** `2026-11` */
  readonly month: string
  readonly reports: readonly QuotaReport[]
}

/**
 * What each tenant has used this month: the total that all instances share, as last heard, and what was counted here
 * since.
 *
 * Asked and told in process only. While the total cannot be had, it goes on from the last one.
 */
export class QuotaBook {
  readonly #today: () => CalendarDay
  readonly #onNewTenant: () => void
  /** By month, the newest last; the one before is kept for a clock that is set back, and for late reports. */
  readonly #months = new Map<string, Map<string, Page>>()
  #month = ''
  #pages = new Map<string, Page>()

  /** `onNewTenant` is called when a tenant is first met, whose total is not known then. */
  constructor(today: () => CalendarDay, onNewTenant: () => void) {
    this.#today = today
    this.#onNewTenant = onNewTenant
  }

  usedBy(tenant: string): QuotaTotals {
    return this.#pageOf(tenant).used
  }

  count(tenant: string, requests: number, costUnits: number): void {
    const page = this.#pageOf(tenant)
    page.countedRequests += requests
    page.countedCost += costUnits
  }

  /** What there is to report, of tenants who came since the last report or have something unreported. */
  reports(): readonly MonthReports[] {
    return [...this.#months].map(([month, pages]) => ({ month, reports: [...pages].flatMap(toReport) }))
  }

  /** Takes over the totals that a ledger made of these reports; others go on from their last one. */
  settle({ month, reports }: MonthReports, totals: ReadonlyMap<string, QuotaTotals>): void {
    const pages = this.#months.get(month)
    for (const { tenant, counted } of reports) {
      const page = pages?.get(tenant)
      const total = totals.get(tenant)
      if (page === undefined || total === undefined) continue
      page.known = total
      page.reported = counted
    }
  }

  #pageOf(tenant: string): Page {
    const { month } = this.#today()
    if (month !== this.#month) this.#turnTo(month)
    let page = this.#pages.get(tenant)
    if (page === undefined) {
      page = new Page()
      this.#pages.set(tenant, page)
      this.#onNewTenant()
    }
    page.wasAsked = true
    return page
  }

  #turnTo(month: string): void {
    this.#month = month
    this.#pages = this.#months.get(month) ?? new Map<string, Page>()
    this.#months.delete(month)
    this.#months.set(month, this.#pages)
    const [oldest] = this.#months.keys()
    if (this.#months.size > 2 && oldest !== undefined) this.#months.delete(oldest)
  }
}

function toReport([tenant, page]: readonly [string, Page]): readonly QuotaReport[] {
  const { counted, reported, known } = page
  const isReported = counted.requests === reported.requests && counted.costUnits === reported.costUnits
  if (isReported && !page.wasAsked) return []
  page.wasAsked = false
  return [{ tenant, counted, reported, known }]
}
