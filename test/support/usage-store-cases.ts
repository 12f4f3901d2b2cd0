/** What every store of usage must do; run for memory, files and PostgreSQL. */
import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import type { UsageStore } from '../../src/kernel/ports/usage-store.js'
import { emptyCounts, type UsageRow } from '../../src/kernel/usage.js'

/** A row with one request, unless the test says otherwise. */
export function usageRow(facts: Partial<UsageRow> = {}): UsageRow {
  const key = { day: '2026-11-27', tenant: 'acme', caller: 'user', operation: 'Home' }
  return { ...emptyCounts(), ...key, requests: 1, ...facts }
}

const ALL = { from: '0001-01-01', to: '9999-12-31' }

/** Registers the cases; `open` gives one more access to one store, whose tenants are those of the test alone. */
export function itKeepsUsage(open: () => UsageStore): void {
  const instance = randomUUID()
  let sequence = 0
  const batch = (...rows: UsageRow[]) => ({ instance, sequence: (sequence += 1), rows })

  it('has nothing before anything was added', async () => {
    const store = open()
    expect(await store.list(ALL)).toEqual([])
    expect(await store.monthTotals('2026-11', ['acme'])).toEqual(new Map())
    await store.forgetBefore('2026-01-01')
    await store.close()
  })

  it('adds up what several batches say of one key, and shows it to others', async () => {
    const [writer, reader] = [open(), open()]
    const full = usageRow({
      tenant: 'sums',
      requests: 2 ** 40,
      cacheHits: 1,
      clientErrors: 2,
      deniedErrors: 3,
      limitedErrors: 4,
      serverErrors: 5,
      costUnits: 0.1,
      receivedBytes: 6,
      sentBytes: 2 ** 45,
      refusedByLimits: 7,
      events: 8,
    })
    await writer.add(batch(full))
    await writer.add(batch({ ...full, costUnits: 0.2 }, usageRow({ tenant: 'sums', operation: '(other)' })))
    const [other, sum] = await reader.list({ ...ALL, tenant: 'sums' })
    expect(other).toEqual(usageRow({ tenant: 'sums', operation: '(other)' }))
    expect(sum).toEqual({
      ...{ day: '2026-11-27', tenant: 'sums', caller: 'user', operation: 'Home' },
      ...{ requests: 2 ** 41, cacheHits: 2, clientErrors: 4, deniedErrors: 6, limitedErrors: 8 },
      ...{ serverErrors: 10, costUnits: expect.closeTo(0.3, 12), receivedBytes: 12, sentBytes: 2 ** 46 },
      refusedByLimits: 14,
      events: 16,
    })
    await Promise.all([writer.close(), reader.close()])
  })

  it('counts a batch once, however often it comes', async () => {
    const store = open()
    const [first, second] = [batch(usageRow({ tenant: 'once' })), batch(usageRow({ tenant: 'once' }))]
    for (const each of [first, first, second, first, second]) await store.add(each)
    expect(await store.list({ ...ALL, tenant: 'once' })).toEqual([usageRow({ tenant: 'once', requests: 2 })])
    await store.close()
  })

  it('counts batches of several instances beside each other', async () => {
    const store = open()
    const instances = Array.from({ length: 5 }, () => randomUUID())
    await Promise.all(
      instances.map((each) =>
        store.add({ instance: each, sequence: 1, rows: [usageRow({ tenant: 'many', day: '2026-11-26' })] }),
      ),
    )
    expect(await store.list({ ...ALL, tenant: 'many' })).toEqual([
      usageRow({ tenant: 'many', day: '2026-11-26', requests: 5 }),
    ])
    await store.close()
  })

  it('keeps odd names as they are, in the order of code units', async () => {
    const store = open()
    const names = [`o'tenant"; drop table gatehouse.usage; --`, 'Zed', 'abc', '{"x",\\}', 'é 🗝', '=1+1']
    await store.add(batch(...names.map((operation) => usageRow({ tenant: 'odd', operation }))))
    const rows = await store.list({ ...ALL, tenant: 'odd' })
    expect(rows.map(({ operation }) => operation)).toEqual([...names].sort())
    await store.close()
  })

  it('lists by day and tenant, both ends included', async () => {
    const store = open()
    const days = ['2025-12-31', '2026-01-01', '2026-01-02', '2026-01-03']
    await store.add(batch(...days.map((day) => usageRow({ tenant: 'days', day }))))
    const daysOf = async (from: string, to: string) =>
      (await store.list({ tenant: 'days', from, to })).map(({ day }) => day)
    expect(await daysOf('2026-01-01', '2026-01-02')).toEqual(['2026-01-01', '2026-01-02'])
    expect(await daysOf('2026-01-03', '2026-01-02')).toEqual([])
    expect(await daysOf('2025-01-01', '2026-12-31')).toEqual(days)
    expect((await store.list({ from: '2026-01-03', to: '2026-01-03' })).map(({ tenant }) => tenant)).toEqual([
      'days',
    ])
    await store.close()
  })

  it('sums a month by tenant, without anonymous callers, other months and what limits refused', async () => {
    const store = open()
    const row = (facts: Partial<UsageRow>) => usageRow({ tenant: 'month', costUnits: 1.5, ...facts })
    await store.add(
      batch(
        row({ day: '2024-01-31' }),
        row({ day: '2024-02-01' }),
        row({ day: '2024-02-29', caller: 'key:4Qc1Zs90TbXa', requests: 9, refusedByLimits: 5 }),
        row({ day: '2024-02-29', caller: 'anonymous', requests: 100 }),
        row({ day: '2024-03-01' }),
        usageRow({ tenant: 'beside', day: '2024-02-01' }),
      ),
    )
    expect(await store.monthTotals('2024-02', ['month', 'nobody'])).toEqual(
      new Map([['month', { requests: 5, costUnits: 3 }]]),
    )
    await store.close()
  })

  it('forgets days before one, and no others', async () => {
    const store = open()
    const days = ['2020-01-01', '2020-01-02', '2020-01-03']
    await store.add(batch(...days.map((day) => usageRow({ tenant: 'old', day }))))
    await store.forgetBefore('2020-01-02')
    const rows = await store.list({ ...ALL, tenant: 'old' })
    expect(rows.map(({ day }) => day)).toEqual(['2020-01-02', '2020-01-03'])
    await store.close()
  })
}
