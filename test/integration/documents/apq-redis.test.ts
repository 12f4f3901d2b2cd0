/** Automatic persisted queries of two gateways that share a Redis. */
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import type { ServedGraph } from '../../support/serve.js'
import { sha256 } from '../../support/sha256.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'
import { removeFolders } from '../cli/run-gatehouse.js'
import { askFor, byHash, startDocumentGateways, type DocumentGateways } from './document-gateways.js'

const NOT_FOUND = [200, 'PERSISTED_QUERY_NOT_FOUND']
const GOOD = [200, { me: { id: 'u-1' } }]

describeWithRedis('automatic persisted queries through Redis', () => {
  let redis: TestRedis
  let world: DocumentGateways
  let one: ServedGraph
  let other: ServedGraph
  const cli = (...args: string[]): string =>
    spawnSync('redis-cli', ['-p', String(redis.port), ...args], { encoding: 'utf8' }).stdout.trim()
  let texts = 0
  /** A text that nobody has sent before. */
  const newText = (): string => `query Q${String((texts += 1))} { me { id } }`

  beforeAll(async () => {
    redis = await startRedis()
    world = await startDocumentGateways({ redis: { url: redis.url, cacheTimeoutMs: 1_000 } })
    one = await world.serve()
    other = await world.serve()
  })

  afterAll(async () => {
    await world.close()
    await redis.stop()
    await removeFolders()
  })

  it('a text that one learned is found by the other', async () => {
    const query = newText()
    expect(await askFor(other, byHash(query))).toEqual(NOT_FOUND)
    expect(await askFor(one, { query, ...byHash(query) })).toEqual(GOOD)

    expect(
      await eventually(
        () => askFor(other, byHash(query)),
        ([, seen]) => typeof seen === 'object',
      ),
    ).toEqual(GOOD)
    expect(Number(cli('pttl', `gatehouse:apq:${sha256(query)}`))).toBeGreaterThan(600_000_000)
  })

  it('what somebody put under the hash of another text is not believed', async () => {
    const query = newText()
    cli('set', `gatehouse:apq:${sha256(query)}`, 'query Q { me { id name } }')

    expect(await askFor(one, byHash(query))).toEqual(NOT_FOUND)
    cli('del', `gatehouse:apq:${sha256(query)}`)
    cli('rpush', `gatehouse:apq:${sha256(query)}`, 'not a text')
    expect(await askFor(one, byHash(query))).toEqual(NOT_FOUND)
    expect(await askFor(one, { query, ...byHash(query) })).toEqual(GOOD)
  })

  it('Redis is not asked for what the process knows', async () => {
    const query = newText()
    await askFor(one, { query, ...byHash(query) })
    const before = cli('info', 'commandstats')
    const gets = (stats: string) => /cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? '0'

    for (let count = 0; count < 5; count += 1) expect(await askFor(one, byHash(query))).toEqual(GOOD)

    expect(Number(gets(cli('info', 'commandstats'))) - Number(gets(before))).toBe(0)
  })

  it('with Redis killed each goes on by itself, and they share again when it is back', async () => {
    const query = newText()
    await redis.kill()

    for (const gateway of [one, other]) {
      expect(await askFor(gateway, byHash(query))).toEqual(NOT_FOUND)
      expect(await askFor(gateway, { query, ...byHash(query) })).toEqual(GOOD)
      expect(await askFor(gateway, byHash(query))).toEqual(GOOD)
    }
    await redis.restart()
    await eventually(
      async () => {
        const text = newText()
        await askFor(one, { query: text, ...byHash(text) })
        return askFor(other, byHash(text))
      },
      ([, seen]) => typeof seen === 'object',
    )
  })
})
