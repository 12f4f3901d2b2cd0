import type { Identified } from '../kernel/contexts.js'
import type { GatewayError } from '../kernel/gateway-error.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { QuotaTotals } from '../kernel/ports/usage-store.js'
import type { ResponseHead } from '../kernel/response-head.js'
import { retryLater, toRetrySeconds } from '../kernel/retry-later.js'
import { OUTSIDE_QUOTA } from '../kernel/usage.js'
import type { CalendarDay } from './calendar.js'
import type { LiveUsageOptions, QuotasOptions } from './options.js'
import type { QuotaBook } from './quota-book.js'

export interface QuotaPorts {
  readonly book: QuotaBook
  readonly today: () => CalendarDay
  readonly clock: Clock
}

export interface QuotaCheck {
  /** Says on the response how the caller's quotas stand; raises QUOTA_EXCEEDED where one is used up. */
  readonly assertWithin: (context: Identified) => void
  /** Takes other quotas into force; what was used stays used. */
  readonly use: (options: LiveUsageOptions) => void
}

/** One of a plan's quotas, and what headers say of it. */
interface Measured {
  readonly name: string
  readonly limit: number
  readonly usedOf: (used: QuotaTotals) => number
  /** What the request that asks takes: one request, and a cost that nobody knows yet. */
  readonly takes: 0 | 1
  readonly limitHeader: string
  readonly remainingHeader: string
}

/**
 * Makes the check of monthly quotas, per tenant and by the plan of the caller.
 *
 * Compares with totals in this process, so that no request waits for a store: other instances' use is seen at the
 * next flush, and a tenant may go over by what all instances admit in between. Anonymous callers are left out,
 * whose requests would otherwise use up the month of the tenant that they are counted under.
 */
export function createQuotaCheck({ quotas, warnAt }: LiveUsageOptions, ports: QuotaPorts): QuotaCheck {
  let byPlan = measuresByPlan(quotas)
  return {
    assertWithin: ({ principal, responseHead }) => {
      if (principal.kind === OUTSIDE_QUOTA) return
      const measures = byPlan[principal.plan]
      if (measures.length === 0) return
      const used = ports.book.usedBy(principal.tenant)
      const exceeded = measures.find((measure) => measure.usedOf(used) >= measure.limit)
      for (const measure of measures) {
        // What is refused takes nothing.
        const usedThen = measure.usedOf(used) + (exceeded === undefined ? measure.takes : 0)
        announce(responseHead, measure, usedThen, warnAt)
      }
      if (exceeded !== undefined) throw refusal(exceeded, responseHead, ports)
    },
    use: (next) => {
      byPlan = measuresByPlan(next.quotas)
      warnAt = next.warnAt
    },
  }
}

function measuresByPlan({ free, pro, enterprise }: QuotasOptions) {
  return { free: measuresOf(free), pro: measuresOf(pro), enterprise: measuresOf(enterprise) }
}

function measuresOf({ requestsPerMonth, costPerMonth }: QuotasOptions['free']): readonly Measured[] {
  const measures: Measured[] = []
  if (requestsPerMonth !== undefined)
    measures.push({
      name: 'requests',
      limit: requestsPerMonth,
      usedOf: (used) => used.requests,
      takes: 1,
      limitHeader: 'x-quota-limit',
      remainingHeader: 'x-quota-remaining',
    })
  if (costPerMonth !== undefined)
    measures.push({
      name: 'cost',
      limit: costPerMonth,
      usedOf: (used) => used.costUnits,
      takes: 0,
      limitHeader: 'x-quota-cost-limit',
      remainingHeader: 'x-quota-cost-remaining',
    })
  return measures
}

function announce(
  head: ResponseHead,
  { name, limit, ...headers }: Measured,
  used: number,
  warnAt: number,
): void {
  head.set(headers.limitHeader, String(limit))
  head.set(headers.remainingHeader, String(Math.max(0, Math.floor(limit - used))))
  if (used < limit * warnAt) return
  const warning = `"${name}"; used=${String(Math.ceil(used))}; limit=${String(limit)}`
  const before = head.get('x-quota-warning')
  head.set('x-quota-warning', before === undefined ? warning : `${before}, ${warning}`)
}

function refusal({ name }: Measured, head: ResponseHead, { today, clock }: QuotaPorts): GatewayError {
  const seconds = toRetrySeconds(today().monthEndsAtMs - clock.now())
  const message = `The quota of this month (${name}) is used up.`
  return retryLater(head, seconds, 'QUOTA_EXCEEDED', message, { quota: name })
}
