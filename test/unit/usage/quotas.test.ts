import { describe, expect, it } from '@jest/globals'
import { createMemoryUsageStore } from '../../../src/infra/memory-usage-store.js'
import type { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { QuotaLedger, QuotaReport } from '../../../src/kernel/ports/quota-ledger.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { QuotaTotals } from '../../../src/kernel/ports/usage-store.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { createToday } from '../../../src/usage/calendar.js'
import { usageOptions } from '../../../src/usage/options.js'
import { createQuotas } from '../../../src/usage/quotas.js'
import { makeReceived } from '../../support/arrival.js'
import { clockAt } from './moved-clock.js'
import { principal } from './principal.js'

function createWorld(
  quotas: object,
  { ledger, warnAt = 0.8 }: { ledger?: QuotaLedger; warnAt?: number } = {},
) {
  const clock = clockAt('2026-11-30T23:00:00.500Z')
  const options = usageOptions.parse({ enabled: true, quotas, warnAt })
  let newTenants = 0
  const made = createQuotas(options, {
    ...{ store: createMemoryUsageStore(), ledger, clock, logger: SILENT_LOGGER },
    today: createToday(clock),
    onNewTenant: () => (newTenants += 1),
  })
  /** Headers, and the refusal if there is one; a request that is let in is counted. */
  const ask = (caller: Partial<Principal> = {}, costUnits = 0) => {
    const who = principal(caller)
    const context = { ...makeReceived(), principal: who }
    let refusal: GatewayError | undefined
    try {
      made.assertWithin(context)
      made.book.count(who.tenant, 1, costUnits)
    } catch (error) {
      refusal = error as GatewayError
    }
    return { refusal, headers: Object.fromEntries(context.responseHead.entries()) }
  }
  return { quotas: made, ask, clock, newTenants: () => newTenants }
}

describe('a quota of requests', () => {
  it('lets so many in, says how many are left, and then refuses until the month ends', () => {
    const { ask } = createWorld({ free: { requestsPerMonth: 5 } })
    const seen = Array.from({ length: 6 }, () => ask())
    expect(seen.map(({ headers }) => headers['x-quota-remaining'])).toEqual(['4', '3', '2', '1', '0', '0'])
    expect(seen.map(({ headers }) => headers['x-quota-limit'])).toEqual(Array.from({ length: 6 }, () => '5'))
    expect(seen.map(({ headers }) => headers['x-quota-warning'])).toEqual([
      ...[undefined, undefined, undefined],
      ...['"requests"; used=4; limit=5', '"requests"; used=5; limit=5', '"requests"; used=5; limit=5'],
    ])
    expect(seen.map(({ refusal }) => refusal?.code)).toEqual([
      ...[undefined, undefined, undefined, undefined, undefined],
      'QUOTA_EXCEEDED',
    ])
    // 59 minutes, 59.5 seconds.
    expect(seen[5]?.headers['retry-after']).toBe('3600')
    expect(seen[5]?.refusal?.extensions).toEqual({ quota: 'requests', retryAfterSeconds: 3_600 })
    expect(seen[5]?.refusal?.status).toBe(429)
  })

  it('begins anew with the month, and comes back with a clock that is set back', () => {
    const { ask, clock } = createWorld({ free: { requestsPerMonth: 2 } })
    for (let times = 0; times < 2; times += 1) ask()
    expect(ask().refusal?.code).toBe('QUOTA_EXCEEDED')
    clock.moveTo('2026-12-01T00:00:00Z')
    expect(ask().headers['x-quota-remaining']).toBe('1')
    clock.moveTo('2026-11-30T23:59:59.999Z')
    const { refusal, headers } = ask()
    expect([refusal?.code, headers['retry-after']]).toEqual(['QUOTA_EXCEEDED', '1'])
    clock.moveTo('2026-12-01T00:00:00Z')
    expect(ask().headers['x-quota-remaining']).toBe('0')
  })

  it('is that of the plan, counted for the tenant', () => {
    const { ask } = createWorld({ free: { requestsPerMonth: 3 }, pro: { requestsPerMonth: 10 } })
    for (let times = 0; times < 4; times += 1) ask({ plan: 'pro' })
    expect(ask({ plan: 'pro' }).headers['x-quota-remaining']).toBe('5')
    expect(ask({ plan: 'free', key: 'user:x:acme:u-2' }).refusal?.code).toBe('QUOTA_EXCEEDED')
    expect(ask({ plan: 'free', tenant: 'globex' }).headers['x-quota-remaining']).toBe('2')
    expect(ask({ plan: 'enterprise' })).toEqual({ refusal: undefined, headers: {} })
  })

  it('leaves anonymous callers alone', () => {
    const { ask, newTenants } = createWorld({ free: { requestsPerMonth: 0 } })
    expect(ask().refusal?.code).toBe('QUOTA_EXCEEDED')
    expect(newTenants()).toBe(1)
    expect(ask({ kind: 'anonymous', tenant: 'other' })).toEqual({ refusal: undefined, headers: {} })
  })
})

describe('a quota of cost', () => {
  it('lets in until it is used up, beside one of requests', () => {
    const { ask } = createWorld({ free: { requestsPerMonth: 100, costPerMonth: 10 } })
    expect(ask({}, 7.5).headers).toEqual({
      ...{ 'x-quota-limit': '100', 'x-quota-remaining': '99' },
      ...{ 'x-quota-cost-limit': '10', 'x-quota-cost-remaining': '10' },
    })
    expect(ask({}, 1).headers['x-quota-cost-remaining']).toBe('2')
    const last = ask({}, 40)
    expect([last.refusal, last.headers['x-quota-warning']]).toEqual([undefined, '"cost"; used=9; limit=10'])
    const { refusal, headers } = ask()
    expect([refusal?.code, refusal?.extensions?.['quota']]).toEqual(['QUOTA_EXCEEDED', 'cost'])
    expect(headers['x-quota-cost-remaining']).toBe('0')
  })

  it('warns of both at once', () => {
    const { ask } = createWorld({ free: { requestsPerMonth: 2, costPerMonth: 10 } }, { warnAt: 0.5 })
    ask({}, 6)
    expect(ask().headers['x-quota-warning']).toBe('"requests"; used=2; limit=2, "cost"; used=6; limit=10')
  })
})

describe('quotas of several instances', () => {
  /** Other instances have used what `others` says; reports are running sums. */
  function createLedger() {
    const told = new Map<string, number>()
    const reports: QuotaReport[] = []
    const state = { others: 0, isAway: false, unknown: '' }
    const ledger: QuotaLedger = {
      report: (_month, some) => {
        if (state.isAway) return Promise.reject(new Error('away'))
        reports.push(...some)
        const known = some.filter(({ tenant }) => tenant !== state.unknown)
        for (const { tenant, counted } of known) told.set(tenant, counted.requests)
        return Promise.resolve(
          new Map<string, QuotaTotals>(
            known.map(({ tenant }) => [
              tenant,
              { requests: state.others + (told.get(tenant) ?? 0), costUnits: 0 },
            ]),
          ),
        )
      },
    }
    return { ledger, state, reports }
  }

  it('see each other when they compare, and count on from there', async () => {
    const { ledger, state } = createLedger()
    const { quotas, ask } = createWorld({ free: { requestsPerMonth: 10 } }, { ledger })
    ask()
    state.others = 5
    expect(ask().headers['x-quota-remaining']).toBe('8')
    await quotas.compareBeforeWriting()
    expect(ask().headers['x-quota-remaining']).toBe('2')
    expect(ask().headers['x-quota-remaining']).toBe('1')
    await quotas.compareBeforeWriting()
    expect(ask().headers['x-quota-remaining']).toBe('0')
    expect(ask().refusal?.code).toBe('QUOTA_EXCEEDED')
  })

  it('go on from the last total while the ledger is away', async () => {
    const { ledger, state } = createLedger()
    const { quotas, ask } = createWorld({ free: { requestsPerMonth: 10 } }, { ledger })
    state.others = 6
    ask()
    await quotas.compareBeforeWriting()
    state.isAway = true
    ask()
    await quotas.compareBeforeWriting()
    expect(ask().headers['x-quota-remaining']).toBe('1')
    ask()
    expect(ask().refusal?.code).toBe('QUOTA_EXCEEDED')
    state.isAway = false
    state.others = 0
    await quotas.compareBeforeWriting()
    expect(ask().headers['x-quota-remaining']).toBe('5')
  })

  it('go on from the last total of a tenant whose total the ledger does not have', async () => {
    const { ledger, state } = createLedger()
    const { quotas, ask } = createWorld({ free: { requestsPerMonth: 10 } }, { ledger })
    state.others = 6
    ask()
    ask({ tenant: 'globex' })
    await quotas.compareBeforeWriting()
    state.unknown = 'acme'
    ask()
    ask({ tenant: 'globex' })
    await quotas.compareBeforeWriting()
    expect(ask().headers['x-quota-remaining']).toBe('1')
    expect(ask({ tenant: 'globex' }).headers['x-quota-remaining']).toBe('1')
  })

  it('report tenants who came, and no others', async () => {
    const { ledger, reports } = createLedger()
    const { quotas, ask, newTenants } = createWorld({ free: { requestsPerMonth: 10 } }, { ledger })
    ask()
    ask({ tenant: 'globex' })
    await quotas.compareBeforeWriting()
    ask({ tenant: 'globex' })
    await quotas.compareBeforeWriting()
    await quotas.compareBeforeWriting()
    expect(reports.map(({ tenant, counted }) => [tenant, counted.requests])).toEqual([
      ['acme', 1],
      ['globex', 1],
      ['globex', 2],
    ])
    expect(newTenants()).toBe(2)
  })
})
