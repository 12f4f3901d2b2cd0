/** The bucket of cost of several gateway processes over one Redis, as their clients see it. */
import { afterEach, expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import { FEDERATION_LINK } from '../../support/make-supergraph.js'
import { startRecordingSubgraph, type RecordingSubgraph } from '../../support/recording-subgraph.js'
import { serveGraph, type ServedGraph } from '../../support/serve.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'

const SHOP = `${FEDERATION_LINK}
  type Query { items(first: Int!): [Item] @listSize(slicingArguments: ["first"]) }
  type Item { id: ID! }
`
const ITEMS = 'query ($n: Int!) { items(first: $n) { id } }'

let redis: TestRedis | undefined
let shop: RecordingSubgraph | undefined
let gateways: readonly ServedGraph[] = []

afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()))
  await redis?.stop()
  await shop?.close()
})

/** Two gateways over a bucket of 100 points, which fills by one in an hour. */
async function createWorld() {
  const ownRedis = await startRedis()
  const ownShop = await startRecordingSubgraph({ items: [] })
  redis = ownRedis
  shop = ownShop
  const bucket = {
    ...{ enabled: true, windowSeconds: 3_600 },
    ...{ perWindow: { anonymous: 1 }, burst: { anonymous: 100 } },
  }
  const config = {
    // Patient with Redis: two gateways and the test share the cores of one machine.
    redis: { url: ownRedis.url, commandTimeoutMs: 2_000 },
    limits: { cost: { mode: 'enforce', maximum: { anonymous: 100 }, bucket } },
    cache: { enabled: false },
  }
  gateways = await Promise.all(
    [0, 1].map(() =>
      serveGraph([{ name: 'shop', url: ownShop.url, typeDefs: SHOP }], {
        files: { 'gateway.yaml': JSON.stringify(config) },
        arguments: ['--config', 'gateway.yaml'],
      }),
    ),
  )
  const ask = async (gateway: number, n: number) => {
    const view = await askGraphql(gateways[gateway]?.url ?? '', ITEMS, { variables: { n } })
    const left = Number(/"cost";r=(\d+)/.exec(view.header('ratelimit') ?? '')?.[1])
    return { code: view.errors[0]?.extensions.code, left, status: view.status }
  }
  /** As many items as were asked for, so that nothing is given back; or fewer, and the rest is. */
  const give = (count: number) => {
    ownShop.behave = (response) => {
      const items = Array.from({ length: count }, (_, index) => ({ id: String(index) }))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ data: { items } }))
    }
  }
  return { redis: ownRedis, shop: ownShop, ask, give }
}

interface Health {
  readonly dependencies: readonly { readonly name: string; readonly state: string }[]
}

async function redisStates(): Promise<readonly string[]> {
  return Promise.all(
    gateways.map(async ({ url }) => {
      const { dependencies } = (await (await fetch(`${url}/health/ready`)).json()) as Health
      return dependencies.find(({ name }) => name === 'redis')?.state ?? 'unknown'
    }),
  )
}

const allAre = (state: string) => (states: readonly string[]) => states.every((each) => each === state)

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
    const { redis: own, ask, give } = await createWorld()
    give(60)
    expect(await ask(0, 60)).toMatchObject({ status: 200, left: 40 })
    expect((await ask(1, 60)).code).toBe('REQUEST_RATE_LIMITED')

    await own.kill()
    await eventually(redisStates, allAre('down'))
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

    await own.restart()
    await eventually(redisStates, allAre('up'), 5_000)
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
