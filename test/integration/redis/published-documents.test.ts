/** Published documents in a Redis that takes longer than requests may wait for it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { infraOptions } from '../../../src/infra/options.js'
import {
  createRedisConnection,
  isTimeout,
  type RedisConnection,
} from '../../../src/infra/redis-connection.js'
import { createRedisPublishedDocuments } from '../../../src/infra/redis-published-documents.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { PublishedDocuments } from '../../../src/kernel/ports/published-documents.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'
import { waitUntil } from './wait-until.js'

describeWithRedis('published documents in Redis', () => {
  let server: TestRedis
  let redis: RedisConnection
  let published: PublishedDocuments

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    const { redis: options } = infraOptions.parse({ redis: { url: server.url, commandTimeoutMs: 500 } })
    redis = createRedisConnection(options, { logger: SILENT_LOGGER })
    published = createRedisPublishedDocuments(redis)
    await waitUntil(() => redis.state() === 'up')
    await redis.client.flushall()
  })
  afterEach(() => redis.close())

  /** What comes of work in a Redis that answers again only once another command was given up. */
  async function whileFrozen<T>(work: () => Promise<T>): Promise<T> {
    server.pause()
    try {
      const outcome = work()
      outcome.catch(() => undefined)
      const other = await redis.client.get('anything').catch((error: unknown) => error)
      expect(isTimeout(other)).toBe(true)
      server.resume()
      return await outcome
    } finally {
      server.resume()
    }
  }

  it('are read and replaced whole, by whoever knows the newest', async () => {
    expect([await published.revision(), await published.read()]).toEqual([undefined, undefined])
    expect(await published.replace('one', undefined)).toBe(true)
    const first = await published.revision()
    expect(await published.read()).toEqual({ revision: first, manifest: 'one' })

    expect(await published.replace('two', 'another')).toBe(false)
    expect(await published.replace('two', undefined)).toBe(false)
    expect(await published.replace('two', first)).toBe(true)

    expect(await published.read()).toMatchObject({ manifest: 'two' })
    expect(await published.revision()).not.toBe(first)
  })

  it('stand under the prefix of keys, once', async () => {
    await published.replace('one', undefined)

    const raw = await redis.client.call('keys', '*')

    expect(raw).toEqual(['gatehouse:trusted-documents'])
  })

  it('are read and replaced while requests no longer wait', async () => {
    const manifest = 'x'.repeat(1024 * 1024)

    expect(await whileFrozen(() => published.replace(manifest, undefined))).toBe(true)
    expect(await whileFrozen(() => published.read())).toMatchObject({ manifest })
  })

  it('are asked for their revision within the time of other commands', async () => {
    server.pause()
    try {
      await expect(published.revision()).rejects.toThrow('Command timed out')
    } finally {
      server.resume()
    }
  })

  it('fail at once where no Redis is', async () => {
    await server.kill()
    await waitUntil(() => redis.state() === 'down')
    await expect(published.revision()).rejects.toThrow()
    await expect(published.read()).rejects.toThrow()
    await expect(published.replace('one', undefined)).rejects.toThrow()
    await server.restart()
    await waitUntil(() => redis.state() === 'up')
  })
})
