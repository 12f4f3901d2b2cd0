/** Keys in one PostgreSQL, two gateways that share nothing else, and the command line. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import type { ServedGraph } from '../../support/serve.js'
import { describeWithPostgres, startPostgres, type TestPostgres } from '../../support/start-postgres.js'
import { removeFolders } from '../cli/run-gatehouse.js'
import { startLink, type BreakableLink } from './breakable-link.js'
import { askWith, healthOf, startKeyGateways, verdictOf, type KeyGateways } from './key-gateways.js'

const GOOD = [200, undefined]
const REFUSED = [401, 'UNAUTHENTICATED']
const UNKNOWN_NOW = [503, 'IDENTITY_UNAVAILABLE']

describeWithPostgres('API keys of two gateways', () => {
  let postgres: TestPostgres
  let link: BreakableLink
  let world: KeyGateways
  let one: ServedGraph
  let other: ServedGraph

  beforeAll(async () => {
    postgres = await startPostgres()
    link = await startLink(postgres.port)
    const databaseUrl = postgres.url.replace(`:${String(postgres.port)}`, `:${String(link.port)}`)
    world = await startKeyGateways({ databaseUrl })
    one = await world.serve()
    // Forgets soon, so that the end of the stale time can be waited for.
    other = await world.serve({ cacheSeconds: 1, maxStaleSeconds: 2 })
  })

  afterAll(async () => {
    await world.close()
    await link.close()
    await postgres.stop()
    await removeFolders()
  })

  beforeEach(() => {
    world.subgraph.seen.length = 0
  })

  it('a key is good on both as soon as it is made, and its scopes count', async () => {
    const key = await world.create('--scopes', 'order:read', '--tenant', 'globex', '--plan', 'pro')
    for (const gateway of [one, other]) {
      const answer = await askWith(gateway, key.text)
      expect([verdictOf(answer), answer.data]).toEqual([GOOD, { orders: 'o-1' }])
    }
    expect(world.subgraph.seen.map(({ headers }) => headers['x-tenant-id'])).toEqual(['globex', 'globex'])
    const lesser = await world.create()
    expect(verdictOf(await askWith(one, lesser.text))).toEqual([200, 'UNAUTHORIZED_FIELD_OR_TYPE'])
  })

  it('a revoked key is refused by both within seconds, though both remember it', async () => {
    const key = await world.create('--scopes', 'order:read')
    for (const gateway of [one, other]) expect(verdictOf(await askWith(gateway, key.text))).toEqual(GOOD)

    const { code, stdout } = await world.run('revoke', key.id)
    expect([code, stdout]).toEqual([0, `Revoked ${key.id} (test).\n`])

    const revokedAt = performance.now()
    for (const gateway of [one, other]) {
      const answer = await eventually(
        () => askWith(gateway, key.text),
        ({ status }) => status !== 200,
      )
      expect(verdictOf(answer)).toEqual(REFUSED)
    }
    // Two seconds between questions, and what a busy machine takes: far from the minutes for which keys are remembered.
    expect(performance.now() - revokedAt).toBeLessThan(30_000)
  })

  it('a rotated key changes hands: the old secret for the grace, the new one at once', async () => {
    const key = await world.create('--scopes', 'order:read')
    await askWith(one, key.text)
    const rotated = await world.run('rotate', key.id, '--grace-seconds', '3600')
    const next = rotated.stdout.trim()
    expect(rotated.code).toBe(0)
    expect(next.slice(0, 17)).toBe(key.text.slice(0, 17))
    await eventually(
      () => askWith(one, next),
      ({ status }) => status === 200,
    )
    expect(verdictOf(await askWith(one, key.text))).toEqual(GOOD)

    const last = (await world.run('rotate', key.id)).stdout.trim()
    await eventually(
      () => askWith(one, last),
      ({ status }) => status === 200,
    )
    for (const old of [key.text, next]) expect(verdictOf(await askWith(one, old))).toEqual(REFUSED)
  })

  it('the log names the key and never shows it', async () => {
    const key = await world.create('--scopes', 'order:read')
    await askWith(one, key.text)
    await askWith(one, `${key.text}!`)
    await one.process.printed(new RegExp(`"keyId":"${key.id}","keyName":"test"`))
    await one.process.printed(/"reason":"not the form of an API key"/)
    expect(one.process.output()).not.toContain(key.text.slice(17))
  })

  it.each(['cut', 'freeze'] as const)(
    'with the database gone (%s), known keys go on, others are 503, and nobody else notices',
    async (fail) => {
      const [known, unknown] = [await world.create('--scopes', 'order:read'), await world.create()]
      for (const gateway of [one, other]) expect(verdictOf(await askWith(gateway, known.text))).toEqual(GOOD)
      expect((await healthOf(one)).status).toBe(200)

      link[fail]()

      const refused = await askWith(one, unknown.text)
      expect(verdictOf(refused)).toEqual(UNKNOWN_NOW)
      expect(Number(refused.header('retry-after'))).toBeGreaterThan(0)
      expect(refused.text).not.toMatch(/postgres|127\.0\.0\.1|ECONN|timeout/i)
      expect(verdictOf(await askWith(one, known.text))).toEqual(GOOD)
      expect(verdictOf(await askWith(one, `${unknown.text.slice(0, -9)}AAAAAAAAA`))).toEqual(REFUSED)
      expect((await askGraphql(one.url, '{ open }')).data).toEqual({ open: 'hello' })
      const health = await healthOf(one)
      expect(health.status).toBe(200)
      expect(health.keys).toMatch(/"API keys"[^}]*"down"/)

      // Where the time to remember and the stale time are over, a known key is unknown, too.
      const late = await eventually(
        () => askWith(other, known.text),
        ({ status }) => status !== 200,
      )
      expect(verdictOf(late)).toEqual(UNKNOWN_NOW)

      link.mend()
      for (const gateway of [one, other]) {
        await eventually(
          () => askWith(gateway, unknown.text, '{ open }'),
          ({ status }) => status === 200,
        )
      }
      await eventually(
        () => healthOf(one),
        ({ keys }) => /"API keys"[^}]*"up"/.test(keys),
      )
    },
  )

  it('what was revoked while a gateway could not ask is refused once it can', async () => {
    const key = await world.create('--scopes', 'order:read')
    await askWith(one, key.text)
    link.cut()
    await eventually(
      () => healthOf(one),
      ({ keys }) => /"API keys"[^}]*"down"/.test(keys),
    )
    await postgres.query(
      `begin;
       update gatehouse.api_key_changes set revision = revision + 1;
       update gatehouse.api_keys set revoked_at = now(),
         revision = (select revision from gatehouse.api_key_changes) where id = '${key.id}';
       commit`,
    )
    expect(verdictOf(await askWith(one, key.text))).toEqual(GOOD)
    link.mend()
    const answer = await eventually(
      () => askWith(one, key.text),
      ({ status }) => status !== 200,
    )
    expect(verdictOf(answer)).toEqual(REFUSED)
  })

  it('a gateway that starts without the database serves others, and keys once it is there', async () => {
    const key = await world.create('--scopes', 'order:read')
    link.cut()
    const third = await world.serve()
    expect((await askGraphql(third.url, '{ open }')).data).toEqual({ open: 'hello' })
    expect(verdictOf(await askWith(third, key.text))).toEqual(UNKNOWN_NOW)
    link.mend()
    const answer = await eventually(
      () => askWith(third, key.text),
      ({ status }) => status === 200,
    )
    expect(answer.data).toEqual({ orders: 'o-1' })
  })
})
