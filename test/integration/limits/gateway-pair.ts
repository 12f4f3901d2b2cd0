import { afterEach } from '@jest/globals'
import { FEDERATION_LINK } from '../../support/make-supergraph.js'
import { startRecordingSubgraph, type RecordingSubgraph } from '../../support/recording-subgraph.js'
import { serveGraph, type ServedGraph } from '../../support/serve.js'
import { startRedis, type TestRedis } from '../../support/start-redis.js'

/** Two gateway processes over one Redis, in front of a shop whose items cost a point each. */
export interface GatewayPair {
  readonly gateways: readonly [ServedGraph, ServedGraph]
  readonly redis: TestRedis
  readonly shop: RecordingSubgraph
  /** The text of `gateway.yaml` with this in it. */
  readonly configText: (own: object) => string
}

const SHOP = `${FEDERATION_LINK}
  type Query { items(first: Int!): [Item] @listSize(slicingArguments: ["first"]) }
  type Item { id: ID! }
`

const cleanups: (() => Promise<void>)[] = []

/** Closes every pair that the tests of this file started, after each test. */
export function closePairsAfterEach(): void {
  afterEach(async () => {
    for (const close of cleanups.splice(0).reverse()) await close()
  })
}

/** Starts a pair whose config has this in it; the shop gives two items. */
export async function startPair(own: object): Promise<GatewayPair> {
  const redis = await startRedis()
  cleanups.push(redis.stop)
  const shop = await startRecordingSubgraph({ items: [{ id: '1' }, { id: '2' }] })
  cleanups.push(shop.close)
  const configText = (changed: object): string =>
    JSON.stringify({
      // Patient with Redis: two gateways and the test share the cores of one machine.
      redis: { url: redis.url, commandTimeoutMs: 2_000 },
      cache: { enabled: false },
      ...changed,
    })
  const start = () =>
    serveGraph([{ name: 'shop', url: shop.url, typeDefs: SHOP }], {
      files: { 'gateway.yaml': configText(own) },
      arguments: ['--config', 'gateway.yaml'],
    })
  const gateways = await Promise.all([start(), start()])
  for (const { close } of gateways) cleanups.push(close)
  return { gateways, redis, shop, configText }
}
