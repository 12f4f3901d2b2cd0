import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { redisOptions } from '../../../src/infra/options.js'
import { createMemoryUsageStore } from '../../../src/infra/memory-usage-store.js'
import { createRedisConnection, type RedisConnection } from '../../../src/infra/redis-connection.js'
import { createRedisQuotaLedger } from '../../../src/infra/redis-quota-ledger.js'
import type { QuotaLedger } from '../../../src/kernel/ports/quota-ledger.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { QuotaTotals, UsageStore } from '../../../src/kernel/ports/usage-store.js'
import { eventually } from '../../support/eventually.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'
import { usageRow } from '../../support/usage-store-cases.js'

const MONTH = '2026-11'
const totals = (requests: number, costUnits = 0): QuotaTotals => ({ requests, costUnits })
/** Sums of fractions depend on their order. */
const around = (requests: number, costUnits: number) => ({
  requests,
  costUnits: expect.closeTo(costUnits, 12),
})

describeWithRedis('totals of quotas in Redis', () => {
  let server: TestRedis
  let redis: RedisConnection
  let store: UsageStore

  beforeAll(async () => {
    server = await startRedis()
    redis = createRedisConnection(redisOptions.parse({ url: server.url }), { logger: SILENT_LOGGER })
    await eventually(redis.state, (state) => state === 'up')
  })
  afterAll(async () => {
    await redis.close()
    await server.stop()
  })
  beforeEach(async () => {
    await redis.client.flushall()
    store = createMemoryUsageStore()
  })

  /** An instance that counts for one tenant, as the book of quotas does. */
  function startInstance(tenant = 'acme') {
    const ledger: QuotaLedger = createRedisQuotaLedger(redis, store)
    const state = { counted: totals(0), reported: totals(0), known: totals(0) }
    return {
      count(requests: number, costUnits = 0) {
        state.counted = totals(state.counted.requests + requests, state.counted.costUnits + costUnits)
      },
      /** `hears` is false where the answer is lost. */
      async report({ hears = true } = {}) {
        const { counted } = state
        const answer = await ledger.report(MONTH, [{ tenant, ...state }])
        const total = answer.get(tenant)
        if (hears && total !== undefined) Object.assign(state, { reported: counted, known: total })
        return total
      },
    }
  }

  it('are what all instances have reported', async () => {
    const [one, other] = [startInstance(), startInstance()]
    one.count(10, 0.1)
    expect(await one.report()).toEqual(totals(10, 0.1))
    other.count(5, 0.2)
    expect(await other.report()).toEqual(around(15, 0.3))
    one.count(1)
    expect(await one.report()).toEqual(around(16, 0.3))
    expect(await other.report()).toEqual(around(16, 0.3))
  })

  it('count a report once whose answer was lost, and what came since', async () => {
    const one = startInstance()
    one.count(10)
    await one.report({ hears: false })
    await one.report({ hears: false })
    one.count(2)
    expect(await one.report()).toEqual(totals(12))
    expect(await one.report()).toEqual(totals(12))
  })

  it('are kept apart by tenant and month, and not for ever', async () => {
    const [acme, odd] = [startInstance('acme'), startInstance(`o'dd} {🗝`)]
    acme.count(3)
    odd.count(4)
    expect([await acme.report(), await odd.report()]).toEqual([totals(3), totals(4)])
    const other = await createRedisQuotaLedger(redis, store).report('2026-12', [
      { tenant: 'acme', counted: totals(1), reported: totals(0), known: totals(0) },
    ])
    expect(other).toEqual(new Map([['acme', totals(1)]]))
    const keys = await redis.client.keys('*')
    expect(keys).toHaveLength(3)
    expect(await redis.client.ttl('quota:2026-11:acme')).toBeGreaterThan(31 * 86_400)
  })

  it('are told again by the instances when Redis has forgotten them', async () => {
    const [one, other] = [startInstance(), startInstance()]
    one.count(10)
    other.count(20)
    for (const each of [one, other, one]) await each.report()
    await redis.client.flushall()
    one.count(1)
    other.count(2)
    expect(await one.report()).toEqual(totals(31))
    expect(await other.report()).toEqual(totals(33))
    expect(await one.report()).toEqual(totals(33))
  })

  it('begin with what the store has, where Redis and all instances are new', async () => {
    await store.add({ instance: 'before', sequence: 1, rows: [usageRow({ requests: 40, costUnits: 2 })] })
    const [one, other] = [startInstance(), startInstance()]
    one.count(1)
    await one.report()
    other.count(5)
    expect(await other.report()).toEqual(totals(45, 2))
    one.count(2)
    expect(await one.report()).toEqual(totals(47, 2))
  })

  it('of many tenants are reported together', async () => {
    const ledger = createRedisQuotaLedger(redis, store)
    const reports = Array.from({ length: 350 }, (_, number) => ({
      ...{ tenant: `t${String(number)}`, counted: totals(number) },
      ...{ reported: totals(0), known: totals(0) },
    }))
    const answer = await ledger.report(MONTH, reports)
    expect([...answer].filter(([tenant, { requests }]) => tenant !== `t${String(requests)}`)).toEqual([])
    expect(answer.size).toBe(350)
  })

  it('of tenants that Redis knows are had while the store is away', async () => {
    const known = startInstance('acme')
    known.count(10)
    await known.report()
    store = { ...store, monthTotals: () => Promise.reject(new Error('The store is away.')) }
    const [unknown, zero] = ['globex', 'acme'].map((tenant) => ({
      ...{ tenant, counted: totals(1), reported: totals(0), known: totals(0) },
    }))
    const ledger = createRedisQuotaLedger(redis, store)
    const answer = await ledger.report(
      MONTH,
      [unknown, zero].flatMap((each) => each ?? []),
    )
    expect(answer).toEqual(new Map([['acme', totals(11)]]))
    // Nothing was noted of the other one, who comes again with all that he has counted.
    expect(await redis.client.exists('quota:2026-11:globex')).toBe(0)
  })

  it('are not had while Redis does not answer, and nothing is counted twice after', async () => {
    const one = startInstance()
    one.count(10)
    await one.report()
    server.pause()
    one.count(1)
    await expect(one.report()).rejects.toThrow()
    await eventually(redis.state, (state) => state === 'down')
    await expect(one.report()).rejects.toThrow('Redis is away.')
    server.resume()
    await eventually(redis.state, (state) => state === 'up')
    expect(await one.report()).toEqual(totals(11))
  })
})
