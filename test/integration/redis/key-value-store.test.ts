import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { createKeyValueStore } from '../../../src/infra/key-value-store.js'
import { infraOptions } from '../../../src/infra/options.js'
import { createRedisConnection, type RedisConnection } from '../../../src/infra/redis-connection.js'
import { SYSTEM_CLOCK } from '../../../src/kernel/ports/clock.js'
import type { KeyValueStore } from '../../../src/kernel/ports/key-value-store.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'
import { waitUntil } from './wait-until.js'

describeWithRedis('the key-value store in Redis', () => {
  let server: TestRedis
  let redis: RedisConnection
  let store: KeyValueStore
  const options = () => infraOptions.parse({ redis: { url: server.url } })

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    redis = createRedisConnection(options().redis, { logger: SILENT_LOGGER })
    store = createKeyValueStore(redis, options(), SYSTEM_CLOCK)
    await waitUntil(() => redis.state() === 'up')
  })
  afterEach(() => redis.close())

  it('gives another instance the same bytes, for the time asked', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 128])
    const other = createRedisConnection(options().redis, { logger: SILENT_LOGGER })
    const otherStore = createKeyValueStore(other, options(), SYSTEM_CLOCK)
    await waitUntil(() => other.state() === 'up')

    await waitUntil(async () => {
      store.set('bytes', bytes, 90)
      return (await otherStore.get('bytes'))?.equals(bytes) ?? false
    })
    const ttl = await redis.client.ttl('bytes')
    expect(ttl).toBeGreaterThan(80)
    expect(ttl).toBeLessThanOrEqual(90)
    await other.close()
  })

  it('has nothing under a key of another type, or without time to live', async () => {
    await redis.client.rpush('list', 'poison')
    expect(await store.get('list')).toBeUndefined()
    store.set('void', Buffer.from('x'), 0)
    expect(await redis.client.exists('void')).toBe(0)
    expect(redis.state()).toBe('up')
  })

  it('is passed by while Redis is gone, without waiting, and used again when it is back', async () => {
    await server.kill()
    await waitUntil(() => redis.state() === 'down')
    expect(store.get('any')).toBeUndefined()
    store.set('any', Buffer.from('x'), 60)

    await server.restart()
    await waitUntil(() => redis.state() === 'up')
    await waitUntil(async () => {
      store.set('any', Buffer.from('y'), 60)
      return (await store.get('any'))?.toString() === 'y'
    })
  })

  it('is waited for as long as the cache may take, also where other commands may take less', async () => {
    const slow = infraOptions.parse({
      redis: { url: server.url, commandTimeoutMs: 50, cacheTimeoutMs: 5_000 },
    })
    const other = createRedisConnection(slow.redis, { logger: SILENT_LOGGER })
    await waitUntil(() => other.state() === 'up')
    await redis.client.set('slow', 'value')
    server.pause()
    try {
      const value = createKeyValueStore(other, slow, SYSTEM_CLOCK).get('slow')
      await expect(other.client.get('slow')).rejects.toThrow('Command timed out')
      server.resume()
      expect((await value)?.toString()).toBe('value')
    } finally {
      server.resume()
      await other.close()
    }
  })

  it('costs one short wait when Redis freezes, not one per request', async () => {
    await redis.client.set('key', 'value')
    server.pause()
    try {
      // Sooner than the connection's own limit for a command: a race, so that a busy machine delays both.
      const command = redis.client.get('other').catch(() => 'command')
      expect(await Promise.race([store.get('key'), command])).toBeUndefined()
      // Answered on the spot: a promise here would be a wait.
      expect(store.get('key')).toBeUndefined()
      expect(store.get('another')).toBeUndefined()
    } finally {
      server.resume()
    }
    await waitUntil(async () => (await store.get('key'))?.toString() === 'value')
  })
})
