import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible'
import { infraOptions } from '../../../src/infra/options.js'
import { createRateCounter } from '../../../src/infra/rate-counter.js'
import { createRedisConnection, type RedisConnection } from '../../../src/infra/redis-connection.js'
import { SYSTEM_CLOCK } from '../../../src/kernel/ports/clock.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { RateCounter } from '../../../src/kernel/ports/rate-counter.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'
import { lateFor, waitUntil } from './wait-until.js'

/** One limit of 5 in 10 minutes: no window ends during a test. */
const LIMIT = { keyPrefix: 'test', points: 5, duration: 600 }

const isAllowed = (limiter: RateLimiterAbstract, key: string): Promise<boolean> =>
  limiter.consume(key).then(
    () => true,
    (refusal: unknown) => {
      expect(refusal).toBeInstanceOf(RateLimiterRes)
      return false
    },
  )

async function countAllowed(limiters: readonly RateLimiterAbstract[], key: string, calls: number) {
  const rounds = Array.from({ length: Math.ceil(calls / limiters.length) }, () => limiters).flat()
  const verdicts = await Promise.all(rounds.slice(0, calls).map((limiter) => isAllowed(limiter, key)))
  return verdicts.filter(Boolean).length
}

describeWithRedis('counting in Redis', () => {
  let server: TestRedis
  let instances: { readonly redis: RedisConnection; readonly counter: RateCounter }[]
  let limiters: RateLimiterAbstract[]
  // Exact counts are of Redis: a machine that is busy must not make them local.
  const options = () => infraOptions.parse({ redis: { url: server.url, commandTimeoutMs: 2_000 } })

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    instances = [1, 2].map(() => {
      const redis = createRedisConnection(options().redis, { logger: SILENT_LOGGER })
      return { redis, counter: createRateCounter(redis, options(), SYSTEM_CLOCK, () => 2) }
    })
    limiters = instances.map(({ counter }) => counter.createLimiter(LIMIT))
    await waitUntil(() => instances.every(({ counter }) => counter.isShared()))
  })
  afterEach(() => Promise.all(instances.map(({ redis }) => redis.close())))

  it('is shared exactly by two instances, also when they ask at once', async () => {
    expect(await countAllowed(limiters, 'ann', 40)).toBe(5)
    expect(await countAllowed(limiters, 'ben', 4)).toBe(4)
  })

  it('goes on while Redis is gone, each instance with its part of the limit, and shares again when it is back', async () => {
    await server.kill()
    await waitUntil(() => instances.every(({ counter }) => !counter.isShared()))
    expect(await countAllowed(limiters.slice(0, 1), 'cleo', 9)).toBe(3)
    expect(await countAllowed(limiters.slice(1), 'cleo', 9)).toBe(3)

    await server.restart()
    await waitUntil(() => instances.every(({ counter }) => counter.isShared()))
    expect(await countAllowed(limiters, 'dora', 12)).toBe(5)
  })

  it('never waits longer than the command timeout for a frozen Redis, and soon not at all', async () => {
    const { commandTimeoutMs } = options().redis
    const [limiter] = limiters
    if (limiter === undefined) throw new Error('no limiter')
    server.pause()
    try {
      const asked = [1, 2, 3].map(() => isAllowed(limiter, 'emil'))
      expect(await Promise.race([Promise.all(asked), lateFor(commandTimeoutMs)])).toHaveLength(3)
      await waitUntil(() => instances[0]?.counter.isShared() === false)
      for (let call = 0; call < 4; call += 1) {
        // Before anything from outside can come in: it is asked no more.
        const next = new Promise((resolve) => setImmediate(resolve, 'asked'))
        expect(await Promise.race([isAllowed(limiter, 'emil'), next])).not.toBe('asked')
      }
      // Seven were asked; the local limiter let its part through, so the next is refused.
      expect(await isAllowed(limiter, 'emil')).toBe(false)
    } finally {
      server.resume()
    }
    await waitUntil(() => instances.every(({ counter }) => counter.isShared()))
    expect(await countAllowed(limiters, 'fay', 12)).toBe(5)
  })

  it('is not troubled by something else under its key', async () => {
    const client = instances[0]?.redis.client
    await client?.rpush('test:gus', 'poison')
    await client?.set('test:hal', 'not a number')

    expect(await countAllowed(limiters.slice(0, 1), 'gus', 9)).toBe(3)
    expect(await countAllowed(limiters.slice(0, 1), 'hal', 9)).toBe(3)
    expect(instances[0]?.counter.isShared()).toBe(true)
    expect(await countAllowed(limiters, 'ida', 12)).toBe(5)
  })
})
