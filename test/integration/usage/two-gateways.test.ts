/** What two gateway processes count together, seen from outside: PostgreSQL, Redis, clients, signals. */
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import { join } from 'node:path'
import { eventually } from '../../support/eventually.js'
import { askGraphql, getJson } from '../../support/graphql-client.js'
import { describeWithPostgres, startPostgres, type TestPostgres } from '../../support/start-postgres.js'
import { startLink, type BreakableLink } from '../api-keys/breakable-link.js'
import { makeFolder, removeFolders } from '../cli/run-gatehouse.js'
import { exportByKey, startLoad, type LoadCaller } from './load-script.js'
import { startUsageGateways, type UsageGateways } from './usage-gateways.js'

/** Later than any test lasts: what is written then was written at the end of the process. */
const NEVER_MS = 300_000

describeWithPostgres('usage of two gateways', () => {
  let postgres: TestPostgres
  let link: BreakableLink
  let world: UsageGateways

  let databases = 0

  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.stop())

  afterEach(async () => {
    await world.close()
    await link.close()
    await removeFolders()
  })

  /** Each test has a database of its own. */
  async function start(usage: object = {}): Promise<void> {
    link = await startLink(postgres.port)
    const url = await postgres.createDatabase(`usage_${String((databases += 1))}`)
    const databaseUrl = url.replace(`:${String(postgres.port)}`, `:${String(link.port)}`)
    world = await startUsageGateways({ databaseUrl, ...usage })
  }

  const open = (gateway: { readonly url: string }, times: number) =>
    Promise.all(Array.from({ length: times }, () => askGraphql(gateway.url, 'query Open { open }')))

  it('is what a load script sent, request by request, across a rolling restart of both', async () => {
    await start()
    const created = await world.run('keys', 'create', '--name', 'load', '--tenant', 'globex', '--plan', 'pro')
    const key = created.stdout.trim()
    const user = (tenant: string): LoadCaller => ({
      ...{ tenant, caller: 'user' },
      headers: { authorization: `Bearer ${world.createToken({ tenant })}` },
    })
    const machine = { tenant: 'globex', caller: `key:${key.slice(4, 16)}`, headers: { 'x-api-key': key } }
    const nobody = { tenant: 'default', caller: 'anonymous', headers: {} }
    const gateways = [await world.serve(), await world.serve()]
    const script = startLoad(
      [user('acme'), user('acme'), user('globex'), machine, machine, nobody],
      (client) => gateways[client % gateways.length]?.url ?? '',
    )
    await eventually(script.answered, (count) => count > 200, 30_000)

    for (const place of [0, 1]) {
      const next = await world.serve()
      const before = gateways[place]
      gateways[place] = next
      before?.process.signal('SIGTERM')
      expect(await before?.process.exited).toBe(0)
      const reached = script.answered()
      await eventually(script.answered, (count) => count > reached + 100, 30_000)
    }
    const sent = await script.finish()
    for (const gateway of gateways) gateway.process.signal('SIGTERM')
    for (const gateway of gateways) expect(await gateway.process.exited).toBe(0)

    expect(exportByKey(await world.exported())).toEqual(sent)
    expect(sent.size).toBe(4 * 5)
  })

  it('loses nothing on SIGTERM, also what was in flight and was never written before', async () => {
    await start({ flushIntervalMs: NEVER_MS })
    const gateway = await world.serve()
    const waiting: (() => void)[] = []
    world.subgraph.behave = (response) => {
      waiting.push(() => response.end('{"data":{"open":"late"}}'))
      response.writeHead(200, { 'content-type': 'application/json' })
    }
    const answers = Promise.all(
      Array.from({ length: 20 }, (_, n) => askGraphql(gateway.url, `query Open { open(n: ${String(n)}) }`)),
    )
    await eventually(
      () => waiting.length,
      (count) => count === 20,
    )
    gateway.process.signal('SIGTERM')
    await eventually(
      async () => (await fetch(`${gateway.adminUrl}/health/ready`)).status,
      (status) => status === 503,
    )
    for (const finish of waiting) finish()
    for (const { status } of await answers) expect(status).toBe(200)
    expect(await gateway.process.exited).toBe(0)
    expect(await world.exported()).toMatchObject([{ operation: 'Open', requests: 20 }])
  })

  it('loses at most what was not written yet on SIGKILL, and counts nothing twice after', async () => {
    await start()
    const gateway = await world.serve()
    await open(gateway, 30)
    await eventually(world.requests, (count) => count === 30)
    await open(gateway, 7)
    gateway.process.signal('SIGKILL')
    await gateway.process.exited
    const kept = await world.requests()
    expect(kept).toBeGreaterThanOrEqual(30)
    expect(kept).toBeLessThanOrEqual(37)

    const next = await world.serve()
    await open(next, 5)
    next.process.signal('SIGTERM')
    await next.process.exited
    expect(await world.requests()).toBe(kept + 5)
  })

  it.each(['cut', 'freeze'] as const)(
    'goes on answering while the database is gone (%s), and has counted everything when it is back',
    async (fail) => {
      await start()
      const gateways = [await world.serve(), await world.serve()]
      for (const gateway of gateways) await open(gateway, 10)
      await eventually(world.requests, (count) => count === 20)

      link[fail]()
      for (const gateway of gateways) {
        for (const { status } of await open(gateway, 100)) expect(status).toBe(200)
        await eventually(
          () => getJson(`${gateway.url}/health/ready`),
          ({ status, body }) => status === 200 && /"usage","state":"down"/.test(JSON.stringify(body)),
        )
        for (const { status } of await open(gateway, 100)) expect(status).toBe(200)
      }

      link.mend()
      await eventually(world.requests, (count) => count >= 420, 30_000)
      for (const gateway of gateways) gateway.process.signal('SIGTERM')
      for (const gateway of gateways) expect(await gateway.process.exited).toBe(0)
      expect(await world.requests()).toBe(420)
    },
  )

  it('that could not be written when a gateway stopped is written by the next one', async () => {
    const directory = join(makeFolder({}), 'usage')
    await start({ directory })
    const gateway = await world.serve()
    await open(gateway, 3)
    await eventually(world.requests, (count) => count === 3)
    link.freeze()
    await open(gateway, 4)
    gateway.process.signal('SIGTERM')
    expect(await gateway.process.exited).toBe(0)
    await gateway.process.printed(/"rows":\d+,"requests":4,.*the next start sends it/)
    link.mend()
    expect(await world.requests()).toBe(3)

    const [next, another] = [await world.serve(), await world.serve()]
    await eventually(world.requests, (count) => count === 7)
    for (const each of [next, another]) {
      await open(each, 1)
      each.process.signal('SIGTERM')
      expect(await each.process.exited).toBe(0)
    }
    expect(await world.requests()).toBe(9)
  })
})
