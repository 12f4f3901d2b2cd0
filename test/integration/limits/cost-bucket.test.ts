/** The bucket of cost of several gateway processes over one Redis, as their clients see it. */
import { expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import { describeWithRedis } from '../../support/start-redis.js'
import { closePairsAfterEach, startPair } from './gateway-pair.js'
import { whenRedisIs } from './redis-states.js'

closePairsAfterEach()

const ITEMS = 'query ($n: Int!) { items(first: $n) { id } }'

/** Two gateways over a bucket of 100 points, which fills by one in an hour. */
async function createWorld() {
  const bucket = {
    ...{ enabled: true, windowSeconds: 3_600 },
    ...{ perWindow: { anonymous: 1 }, burst: { anonymous: 100 } },
  }
  const cost = { mode: 'enforce', maximum: { anonymous: 100 }, bucket }
  const { gateways, redis, shop } = await startPair({ limits: { cost } })
  const ask = async (gateway: number, n: number) => {
    const view = await askGraphql(gateways[gateway]?.url ?? '', ITEMS, { variables: { n } })
    const left = Number(/"cost";r=(\d+)/.exec(view.header('ratelimit') ?? '')?.[1])
    return { code: view.errors[0]?.extensions.code, left, status: view.status }
  }
  /** As many items as were asked for, so that nothing is given back; or fewer, and the rest is. */
  const give = (count: number) => {
    shop.behave = (response) => {
      const items = Array.from({ length: count }, (_, index) => ({ id: String(index) }))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ data: { items } }))
    }
  }
  return { gateways, redis, shop, ask, give }
}

describeWithRedis('a bucket of cost that two gateways share', () => {
  it('is paid from by both', async () => {
    const { ask, give, shop: items } = await createWorld()
    give(10)
    const seen = []
    for (let index = 0; index < 10; index += 1) seen.push(await ask(index % 2, 10))
    expect(seen.map(({ left }) => left)).toEqual([90, 80, 70, 60, 50, 40, 30, 20, 10, 0])
    expect(await ask(1, 1)).toMatchObject({ status: 429, code: 'REQUEST_RATE_LIMITED', left: 0 })
    expect(items.seen).toHaveLength(10)
  })

  it('lets through of many at once only what it holds', async () => {
    const { ask, give } = await createWorld()
    give(10)
    const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => ask(index % 2, 10)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    expect(answers.filter(({ code }) => code === 'REQUEST_RATE_LIMITED')).toHaveLength(6)
  })

  it('goes on in each of them while Redis is killed, and is shared again when it is back', async () => {
    const { gateways, redis, ask, give } = await createWorld()
    give(60)
    expect(await ask(0, 60)).toMatchObject({ status: 200, left: 40 })
    expect((await ask(1, 60)).code).toBe('REQUEST_RATE_LIMITED')

    await redis.kill()
    await whenRedisIs('down', gateways)
    // Each stands in with its part of the bucket: both together hold no less than one, and no more than one each.
    give(25)
    for (const gateway of [0, 1]) {
      const answers = []
      for (let times = 0; times < 6; times += 1) answers.push(await ask(gateway, 25))
      const paid = answers.filter(({ status }) => status === 200).length
      expect(paid).toBeGreaterThanOrEqual(2)
      expect(paid).toBeLessThanOrEqual(4)
      expect(answers.at(-1)?.code).toBe('REQUEST_RATE_LIMITED')
    }

    await redis.restart()
    await whenRedisIs('up', gateways)
    // An empty Redis: a full bucket, and one that both share.
    give(60)
    expect(await ask(0, 60)).toMatchObject({ status: 200, left: 40 })
    expect((await ask(1, 60)).code).toBe('REQUEST_RATE_LIMITED')
    give(0)
    expect(await ask(1, 40)).toMatchObject({ status: 200, left: 40 })
    // Nothing came of it, and all of it comes back; nobody waits for that.
    await eventually(
      () => ask(0, 40),
      ({ status }) => status === 200,
    )
  })
})
