import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { createLimitStore, type OwnedLimitStore } from '../../../src/infra/limit-store/create-limit-store.js'
import { createLocalLimitStore } from '../../../src/infra/limit-store/local-limit-store.js'
import { TAKE_SCRIPT } from '../../../src/infra/limit-store/limit-scripts.js'
import { infraOptions } from '../../../src/infra/options.js'
import { createRedisConnection, type RedisConnection } from '../../../src/infra/redis-connection.js'
import { SYSTEM_CLOCK } from '../../../src/kernel/ports/clock.js'
import type { Budget, Claim, LimitStore, OnStoreFailure } from '../../../src/kernel/ports/limit-store.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { createRandom, pick } from '../../support/random.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'
import { lateFor, waitUntil } from './wait-until.js'

/** Ten in ten minutes: nothing leaves the window during a test. */
function budget(facts: Partial<Budget> = {}): Budget {
  return {
    name: 'test',
    algorithm: 'slidingWindow',
    limit: 10,
    windowMs: 600_000,
    burst: 10,
    onStoreFailure: 'local',
    ...facts,
  }
}

const of = (limit: Budget, subject: string, points = 1): Claim => ({ budget: limit, subject, points })

async function admitted(stores: readonly LimitStore[], claims: readonly Claim[], calls: number) {
  const verdicts = await Promise.all(
    Array.from({ length: calls }, async (_, call) => stores[call % stores.length]?.take('acme', claims)),
  )
  return verdicts.filter((verdict) => verdict?.isAdmitted === true).length
}

describeWithRedis('the limit store over Redis', () => {
  let server: TestRedis
  let instances: { readonly redis: RedisConnection; readonly store: OwnedLimitStore }[]
  let stores: readonly OwnedLimitStore[]
  let one: OwnedLimitStore
  // Long enough for a busy machine; what the default does is seen with the frozen Redis below.
  const options = (commandTimeoutMs = 3_000) =>
    infraOptions.parse({ redis: { url: server.url, commandTimeoutMs } })

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    instances = [1, 2, 3].map(() => {
      const redis = createRedisConnection(options().redis, { logger: SILENT_LOGGER })
      return { redis, store: createLimitStore(redis, options(), SYSTEM_CLOCK) }
    })
    stores = instances.map(({ store }) => store)
    one = stores[0] as OwnedLimitStore
    await waitUntil(() => stores.every((store) => store.isShared()))
  })
  afterEach(async () => {
    for (const { store } of instances) store.close()
    await Promise.all(instances.map(({ redis }) => redis.close()))
  })

  it.each(['slidingWindow', 'tokenBucket'] as const)(
    'admits exactly the limit of a %s, whoever is asked and however many at once',
    async (algorithm) => {
      const limit = budget({ name: algorithm, algorithm, limit: 100, burst: 100 })
      expect(await admitted(stores, [of(limit, 'ann')], 400)).toBe(100)
    },
  )

  it('charges all limits of a request or none', async () => {
    const user = of(budget({ name: 'user', limit: 50 }), 'u-1')
    const tenant = of(budget({ name: 'tenant', limit: 20, algorithm: 'tokenBucket', burst: 20 }), 'acme')
    expect(await admitted(stores, [user, tenant], 90)).toBe(20)
    const { standings } = await one.take('acme', [user])
    expect(standings[0]?.remaining).toBe(29)
  })

  it('asks once for all limits of a request, with keys that expire and lie in one slot', async () => {
    const client = instances[0]?.redis.client
    const commandsOf = async () =>
      Number(/total_commands_processed:(\d+)/.exec((await client?.info('stats')) ?? '')?.[1])
    const claims = ['a', 'b', 'c'].map((name) => of(budget({ name }), 'u-2'))
    await one.take('a tenant {odd}', claims)
    const before = await commandsOf()
    await one.take('a tenant {odd}', claims)
    const script = (await client?.info('commandstats')) ?? ''
    expect(script).toMatch(/cmdstat_evalsha:calls=\d+/)
    // TIME, three GET and three SET inside the one script, the script, and INFO itself twice.
    expect((await commandsOf()) - before).toBeLessThanOrEqual(10)
    const keys = (await client?.keys('*:u-2')) ?? []
    // What stands in the first braces decides the slot of a cluster.
    expect(keys.sort()).toEqual(
      ['a', 'b', 'c'].map((name) => `gatehouse:{a%20tenant%20%7Bodd%7D}limit:w600000:${name}:u-2`),
    )
    for (const key of keys) {
      const ttl = (await client?.pttl(key.slice('gatehouse:'.length))) ?? 0
      expect(ttl).toBeGreaterThan(590_000)
      expect(ttl).toBeLessThanOrEqual(600_000)
    }
  })

  it('decides as the local store does, over any course of time', async () => {
    const client = instances[0]?.redis.client
    // The script with a clock that the test moves; by the hour, so that no key expires meanwhile.
    const moved = TAKE_SCRIPT.replace(
      "redis.call('TIME')",
      "{ tonumber(redis.call('GET', KEYS[#KEYS] .. 'clock')) / 1000, 0 }",
    )
    expect(moved).not.toBe(TAKE_SCRIPT)
    // A power of two, so that both reckon with fractions that are exact.
    const HOUR = 2 ** 22
    for (let seed = 1; seed <= 12; seed += 1) {
      const random = createRandom(seed)
      const clock = { nowMs: 1_700_000_000_000, now: () => clock.nowMs }
      const local = createLocalLimitStore(1_000_000, clock)
      const kinds = [
        ['w', { algorithm: 'slidingWindow' }],
        ['b', { algorithm: 'tokenBucket' }],
        ['f', { algorithm: 'tokenBucket', forgivesDebt: true }],
      ] as const
      const limits = kinds.map(([kind, facts]) =>
        budget({ name: `${kind}${seed}`, ...facts, limit: 40, burst: 25, windowMs: 40 * HOUR }),
      )
      for (let step = 0; step < 150; step += 1) {
        if (random() < 0.4) clock.nowMs += Math.floor(random() * 9) * HOUR
        // In the middle of it, buckets become smaller.
        const burst = step < 75 ? 25 : 12
        const claims = limits.map((limit) => of({ ...limit, burst }, 'ann', pick(random, [0, 1, 1, 2, 7])))
        const keys = claims.map(({ budget: { name } }) => `parity:${name}`)
        await client?.set(`${keys.at(-1) ?? ''}clock`, clock.nowMs)
        const numbers = claims.flatMap(({ budget: each, points }, index) => [
          kinds[index]?.[0] ?? '',
          each.limit,
          each.windowMs,
          each.burst,
          points,
        ])
        const answer = (await client?.eval(moved, keys.length, ...keys, ...numbers)) as (number | string)[]
        const { isAdmitted, standings } = local.take('acme', claims)
        const told = standings.flatMap((each) => [
          each?.remaining,
          each?.resetMs,
          each?.waitMs,
          each?.used.toFixed(6),
        ])
        const said = answer
          .slice(2)
          .map((value) => (typeof value === 'string' ? Number(value).toFixed(6) : value))
        expect([answer[0], ...said]).toEqual([isAdmitted ? 1 : 0, ...told])
      }
    }
  })

  it.each(['slidingWindow', 'tokenBucket'] as const)(
    'takes unused points of a %s back',
    async (algorithm) => {
      const limit = budget({ name: `back-${algorithm}`, algorithm })
      const verdict = await one.take('acme', [of(limit, 'ann', 9)])
      one.giveBack(verdict, 0, 7)
      const left = async () => (await stores[1]?.take('acme', [of(limit, 'ann', 0)]))?.standings[0]?.remaining
      await waitUntil(async () => (await left()) === 8)
      expect(await admitted(stores, [of(limit, 'ann')], 20)).toBe(8)
    },
  )

  it('is not troubled by something else under its keys', async () => {
    const client = instances[0]?.redis.client
    const claims = [of(budget({ name: 'poison' }), 'gus'), of(budget({ name: 'text' }), 'gus')]
    await client?.rpush('{acme}limit:w600000:poison:gus', 'poison')
    await client?.set('{acme}limit:w600000:text:gus', 'not =a count =7 9= 1=x')
    expect(await admitted(stores, claims, 40)).toBe(10)
    expect(one.isShared()).toBe(true)
  })

  it('goes on while Redis is gone, each instance with its part, and shares again when it is back', async () => {
    await waitUntil(() => stores.every((store) => store.instances() === 3))
    const failing = (onStoreFailure: OnStoreFailure) =>
      of(budget({ name: onStoreFailure, onStoreFailure }), 'ida')
    await server.kill()
    await waitUntil(() => stores.every((store) => !store.isShared()))
    expect(await admitted([one], [failing('local')], 50)).toBe(4)
    expect(await admitted(stores.slice(1), [failing('local')], 50)).toBe(8)
    expect(await admitted([one], [failing('open')], 50)).toBe(50)
    const closed = await one.take('acme', [failing('closed')])
    expect(closed).toMatchObject({ isAdmitted: false, isUnavailable: true })
    expect(await admitted([one], [failing('open'), of(budget({ name: 'beside' }), 'ida')], 50)).toBe(4)

    await server.restart()
    await waitUntil(() => stores.every((store) => store.isShared()))
    expect(await admitted(stores, [failing('local')], 50)).toBe(10)
  })

  it('never waits longer than the command timeout for a frozen Redis, and soon not at all', async () => {
    const { commandTimeoutMs } = infraOptions.parse({}).redis
    const redis = createRedisConnection(options(commandTimeoutMs).redis, { logger: SILENT_LOGGER })
    const own = createLimitStore(redis, options(), SYSTEM_CLOCK)
    instances.push({ redis, store: own })
    await waitUntil(() => own.isShared())
    const claims = [of(budget({ name: 'frozen' }), 'emil')]
    server.pause()
    try {
      const verdicts = Promise.all([1, 2, 3].map(async () => own.take('acme', claims)))
      expect(await Promise.race([verdicts, lateFor(commandTimeoutMs)])).toHaveLength(3)
      await waitUntil(() => !own.isShared())
      // From now on it is asked no more: a verdict, not a promise.
      expect(own.take('acme', claims)).toMatchObject({ countedBy: 'local' })
    } finally {
      server.resume()
    }
    await waitUntil(() => own.isShared())
    expect(await admitted([own, ...stores], [of(budget({ name: 'thawed' }), 'fay')], 60)).toBe(10)
  })
})
