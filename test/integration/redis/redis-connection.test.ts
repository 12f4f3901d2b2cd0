import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Logger } from '../../../src/kernel/ports/logger.js'
import { infraOptions } from '../../../src/infra/options.js'
import { createRedisConnection } from '../../../src/infra/redis-connection.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'
import { waitUntil } from './wait-until.js'

function recordingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = []
  const note = (level: string) => (_facts: object, message: string) => void lines.push(`${level} ${message}`)
  return { lines, debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
}

describeWithRedis('the connection to Redis', () => {
  let server: TestRedis
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  it('warns once about an outage, however many attempts fail, and is back when Redis is', async () => {
    const logger = recordingLogger()
    const changes: string[] = []
    const { redis: options } = infraOptions.parse({ redis: { url: server.url } })
    const redis = createRedisConnection(options, { logger, onStateChange: (state) => changes.push(state) })
    await waitUntil(() => redis.state() === 'up')
    let attempts = 0
    redis.client.on('error', () => (attempts += 1))

    await server.kill()
    await waitUntil(() => attempts >= 3)
    expect(redis.health()).toMatchObject({ name: 'redis', state: 'down', required: false })
    await server.restart()
    await waitUntil(() => redis.state() === 'up')

    expect(changes).toEqual(['up', 'down', 'up'])
    expect(logger.lines.filter((line) => line.startsWith('warn'))).toHaveLength(1)
    // However long it was away, it is tried each second, so that it is in use within 5 s of its return.
    expect(redis.client.options.retryStrategy?.(10_000)).toBe(1_000)
    await redis.close()
  })

  it('starts without Redis and finds it when it comes', async () => {
    const logger = recordingLogger()
    const { redis: options } = infraOptions.parse({ redis: { url: server.url } })
    await server.kill()

    const redis = createRedisConnection(options, { logger })
    await waitUntil(() => logger.lines.length > 0)
    expect(redis.state()).toBe('down')
    await expect(redis.client.get('anything')).rejects.toThrow()

    await server.restart()
    await waitUntil(() => redis.state() === 'up')
    await redis.close()
  })

  it('uses the database that its URL names, and none where Redis refuses that one', async () => {
    const reasons: unknown[] = []
    const logger = {
      ...recordingLogger(),
      warn: (facts: object) => void reasons.push((facts as { reason?: unknown }).reason),
    }
    const connect = (path: string) =>
      createRedisConnection(infraOptions.parse({ redis: { url: server.url + path } }).redis, { logger })
    const [first, third, none] = [connect('/'), connect('/3'), connect('/99')]
    await waitUntil(() => first.state() === 'up' && third.state() === 'up')
    await third.client.set('where', 'third')
    expect(await first.client.get('where')).toBeNull()

    let attempts = 0
    none.client.on('close', () => (attempts += 1))
    await waitUntil(() => attempts >= 3)
    expect(none.health()).toMatchObject({ name: 'redis', state: 'down' })
    expect(reasons).toEqual(['ERR DB index is out of range'])
    await expect(none.client.set('where', 'none')).rejects.toThrow()
    expect(await first.client.get('where')).toBeNull()
    await Promise.all([first, third, none].map((redis) => redis.close()))
  })

  it('warns once of each kind of refusal, so that a Redis that answers and counts nothing is no secret', async () => {
    const logger = recordingLogger()
    const { redis: options } = infraOptions.parse({ redis: { url: server.url } })
    const redis = createRedisConnection(options, { logger })
    await waitUntil(() => redis.state() === 'up')
    const { client } = redis
    client.defineCommand('unknownScript', { lua: "return 'known now'", numberOfKeys: 0 })
    expect(await (client as unknown as { unknownScript: () => Promise<string> }).unknownScript()).toBe(
      'known now',
    )
    await client.set('text', 'a')
    expect(logger.lines).toEqual(['info Redis is in use.'])

    for (let call = 0; call < 3; call += 1) {
      await expect(client.lpush('text', 'b')).rejects.toThrow('WRONGTYPE')
      await expect(client.call('CLUSTER', 'SLOTS')).rejects.toThrow('ERR')
    }
    expect(logger.lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn Redis refuses commands; what they were for is done by this instance alone.',
      'warn Redis refuses commands; what they were for is done by this instance alone.',
    ])
    expect(redis.state()).toBe('up')
    await redis.close()
  })

  it('finds a frozen Redis by one lost command, and its return without anybody asking', async () => {
    const { redis: options } = infraOptions.parse({ redis: { url: server.url } })
    const redis = createRedisConnection(options, { logger: recordingLogger() })
    await waitUntil(() => redis.state() === 'up')

    server.pause()
    await expect(redis.client.get('anything')).rejects.toThrow('Command timed out')
    await waitUntil(() => redis.state() === 'down')
    server.resume()
    await waitUntil(() => redis.state() === 'up')
    await redis.close()
  })

  it('gives up a socket that stays silent, and recovers on a new one', async () => {
    const { redis: options } = infraOptions.parse({ redis: { url: server.url } })
    const redis = createRedisConnection(options, { logger: recordingLogger() })
    await waitUntil(() => redis.state() === 'up')
    let closed = 0
    redis.client.on('close', () => (closed += 1))

    server.pause()
    await redis.client.get('anything').catch(() => undefined)
    await waitUntil(() => closed > 0)
    server.resume()
    await waitUntil(() => redis.state() === 'up')
    await redis.close()
  })
})
