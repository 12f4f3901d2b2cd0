import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createPostgresUsageStore } from '../../../src/infra/postgres-usage-store.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { describeWithPostgres, startPostgres, type TestPostgres } from '../../support/start-postgres.js'
import { itKeepsUsage, usageRow } from '../../support/usage-store-cases.js'
import { startForgetfulLink } from './forgetful-link.js'

const ALL = { from: '0001-01-01', to: '9999-12-31' }

const open = (databaseUrl: string, timeoutMs = 5_000) =>
  createPostgresUsageStore({ databaseUrl, timeoutMs }, SILENT_LOGGER)

describeWithPostgres('usage in PostgreSQL', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  describe('as every store', () => {
    itKeepsUsage(() => open(server.url))
  })

  it('gets its tables from whoever comes first, also when several come at once', async () => {
    const url = await server.createDatabase('fresh')
    const stores = Array.from({ length: 8 }, () => open(url))
    await Promise.all(
      stores.map((store) => store.add({ instance: randomUUID(), sequence: 1, rows: [usageRow()] })),
    )
    expect(await stores[0]?.list(ALL)).toEqual([usageRow({ requests: 8 })])
    await Promise.all(stores.map((store) => store.close()))
  })

  it('adds what tables of an earlier version lack, also when several come at once, and keeps their rows', async () => {
    const url = await server.createDatabase('earlier')
    const owner = open(url)
    await owner.add({ instance: randomUUID(), sequence: 1, rows: [usageRow({ requests: 7 })] })
    await owner.close()
    await server.query('alter table gatehouse.usage drop column refused_by_limits, drop column events', url)

    const stores = Array.from({ length: 4 }, () => open(url))
    await Promise.all(
      stores.map((store) =>
        store.add({
          instance: randomUUID(),
          sequence: 1,
          rows: [usageRow({ refusedByLimits: 1, events: 2 })],
        }),
      ),
    )
    expect(await stores[0]?.list(ALL)).toEqual([usageRow({ requests: 11, refusedByLimits: 4, events: 8 })])
    expect(await stores[0]?.monthTotals('2026-11', ['acme'])).toEqual(
      new Map([['acme', { requests: 7, costUnits: 0 }]]),
    )
    // A gateway of the earlier version may still write.
    await server.query(
      `insert into gatehouse.usage (day, tenant, caller, operation, requests, cache_hits, client_errors,
         denied_errors, limited_errors, server_errors, cost_units, received_bytes, sent_bytes)
       values ('2026-11-28', 'acme', 'user', 'Home', 1, 0, 0, 0, 0, 0, 0, 0, 0)`,
      url,
    )
    expect(await stores[0]?.list({ ...ALL, from: '2026-11-28' })).toEqual([usageRow({ day: '2026-11-28' })])
    await Promise.all(stores.map((store) => store.close()))
  })

  it('counts a batch once whose commit was carried out and whose answer was lost', async () => {
    const url = await server.createDatabase('lost_answer')
    const link = await startForgetfulLink(server.port)
    const store = open(url.replace(`:${String(server.port)}/`, `:${String(link.port)}/`))
    const instance = randomUUID()
    await store.add({ instance, sequence: 1, rows: [usageRow()] })

    link.loseAnswerTo(/commit/i)
    const batch = { instance, sequence: 2, rows: [usageRow({ requests: 10 })] }
    await expect(store.add(batch)).rejects.toThrow()
    expect(await server.query('select sum(requests)::int as sum from gatehouse.usage', url)).toEqual([
      { sum: 11 },
    ])
    await store.add(batch)

    expect(await store.list(ALL)).toEqual([usageRow({ requests: 11 })])
    await store.close()
    await link.close()
  })

  it('adds nothing of a batch whose commit never came, and then all of it', async () => {
    const url = await server.createDatabase('lost_commit')
    const link = await startForgetfulLink(server.port)
    const store = open(url.replace(`:${String(server.port)}/`, `:${String(link.port)}/`))
    const batch = { instance: randomUUID(), sequence: 1, rows: [usageRow()] }
    await store.list(ALL)

    link.loseMessage(/commit/i)
    await expect(store.add(batch)).rejects.toThrow()
    expect(await store.list(ALL)).toEqual([])
    await store.add(batch)

    expect(await store.list(ALL)).toEqual([usageRow()])
    await store.close()
    await link.close()
  })

  it('counts a batch once that is sent again while it is still being added', async () => {
    const url = await server.createDatabase('twice_at_once')
    const store = open(url)
    const batch = { instance: randomUUID(), sequence: 1, rows: [usageRow()] }
    await Promise.all([store.add(batch), store.add(batch), store.add(batch)])
    expect(await store.list(ALL)).toEqual([usageRow()])
    await store.close()
  })

  it('does not let instances wait for each other in a circle', async () => {
    const url = await server.createDatabase('circle')
    const stores = Array.from({ length: 4 }, () => open(url, 20_000))
    const rows = Array.from({ length: 300 }, (_, number) => usageRow({ operation: `Op${String(number)}` }))
    const sorted = rows.sort((a, b) => (a.operation < b.operation ? -1 : 1))
    await Promise.all(
      stores.flatMap((store) =>
        Array.from({ length: 5 }, () => store.add({ instance: randomUUID(), sequence: 1, rows: sorted })),
      ),
    )
    const listed = await stores[0]?.list(ALL)
    expect(listed).toEqual(sorted.map((row) => ({ ...row, requests: 20 })))
    await Promise.all(stores.map((store) => store.close()))
  })

  it('can be read by an account that may only read', async () => {
    const url = await server.createDatabase('guarded')
    const owner = open(url)
    await owner.add({ instance: randomUUID(), sequence: 1, rows: [usageRow()] })
    await server.query(
      `create role usage_reader login; grant usage on schema gatehouse to usage_reader;
       grant select on all tables in schema gatehouse to usage_reader`,
      url,
    )
    const reader = open(url.replace('gatehouse@', 'usage_reader@'))
    expect(await reader.list(ALL)).toEqual([usageRow()])
    await expect(reader.add({ instance: randomUUID(), sequence: 1, rows: [usageRow()] })).rejects.toThrow(
      /permission denied/,
    )
    await Promise.all([owner.close(), reader.close()])
  })
})
