/** What of a charged cost comes back, where an operation fails or is refused after it was charged. */
import { describe, expect, it } from '@jest/globals'
import {
  createRecordingSubgraph,
  startGateway,
  stopAfterEach,
  type RecordingSubgraph,
} from '../../support/embedded-gateway.js'
import { askGraphql } from '../../support/graphql-client.js'
import { FEDERATION_LINK, RATE_LIMIT_LINK } from '../../support/make-supergraph.js'

stopAfterEach()

const SHOP = `${FEDERATION_LINK}${RATE_LIMIT_LINK}
  type Query {
    items(first: Int!): [Item] @listSize(slicingArguments: ["first"])
    rare: [Item] @listSize(assumedSize: 5) @rateLimit(limit: 1, duration: 600)
  }
  type Item { id: ID! }
`
const ITEMS = 'query ($n: Int!) { items(first: $n) { id } }'
const BOTH = 'query ($n: Int!) { items(first: $n) { id } rare { id } }'

/** A bucket of 20 points that fills by one in an hour. */
async function createWorld(more: object = {}, config: object = {}) {
  const shop = await createRecordingSubgraph({ items: [{ id: '1' }, { id: '2' }], rare: [{ id: '3' }] })
  const bucket = {
    ...{ enabled: true, windowSeconds: 3_600 },
    ...{ perWindow: { anonymous: 1 }, burst: { anonymous: 20 } },
  }
  const cost = { mode: 'enforce', maximum: { anonymous: 20 }, bucket, ...more }
  const gateway = await startGateway(
    { shop: { url: shop.url, typeDefs: SHOP } },
    { config: { limits: { cost }, cache: { enabled: false }, ...config } },
  )
  const ask = (query: string, n = 1) => askGraphql(gateway.url, query, { variables: { n } })
  /** Takes all that there should be, and finds that it was no less and no more. */
  const expectLeft = async (shopOfWorld: RecordingSubgraph, points: number) => {
    shopOfWorld.behave = (response) => response.destroy()
    const tooMany = await ask(ITEMS, points + 1)
    expect(tooMany.errors[0]?.extensions.code).toBe('REQUEST_RATE_LIMITED')
    expect(tooMany.header('ratelimit')).toContain(`"cost";r=${String(points)};`)
    expect((await ask(ITEMS, points)).status).toBe(200)
  }
  return { shop, ask, expectLeft }
}

const codesOf = ({ errors }: { errors: readonly { extensions: { code: string } }[] }) =>
  errors.map(({ extensions }) => extensions.code)

describe('the cost of an operation', () => {
  it('comes back as a whole where its subgraph is left alone', async () => {
    const upstream = { breaker: { minimumCalls: 1, openMs: 60_000 }, retry: { attempts: 0 } }
    const { shop, ask, expectLeft } = await createWorld({}, { upstream })
    shop.behave = (response) => response.destroy()
    // The subgraph was asked: paid.
    expect(codesOf(await ask(ITEMS, 2))).toEqual(['SUBREQUEST_HTTP_ERROR'])
    for (let times = 0; times < 3; times += 1) {
      expect(codesOf(await ask(ITEMS, 18))).toEqual(['SUBGRAPH_UNAVAILABLE'])
    }
    await expectLeft(shop, 18)
  })

  it('comes back when the subgraph’s budget refuses it', async () => {
    const { shop, ask, expectLeft } = await createWorld({ subgraphs: { shop: { maximum: 15 } } })
    await ask(ITEMS, 2)
    expect(codesOf(await ask(ITEMS, 18))).toEqual(['SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE'])
    expect(shop.seen).toHaveLength(1)
    await expectLeft(shop, 18)
  })

  it('counts at no field when the bucket refuses it, and is not paid for fields over their limit', async () => {
    const { shop, ask, expectLeft } = await createWorld()
    await ask(ITEMS, 2)
    expect(codesOf(await ask(BOTH, 14))).toEqual(['REQUEST_RATE_LIMITED'])
    // Once is allowed, and it was not asked yet.
    expect((await ask('{ rare { id } }')).data).toEqual({ rare: [{ id: '3' }] })
    // 17 are left: refused as a whole, then in part. What came costs 2.
    expect(codesOf(await ask('{ rare { id } }'))).toEqual(['FIELD_RATE_LIMITED'])
    const part = await ask(BOTH, 12)
    expect(codesOf(part)).toEqual(['FIELD_RATE_LIMITED'])
    expect(part.data).toEqual({ items: [{ id: '1' }, { id: '2' }], rare: null })
    await expectLeft(shop, 15)
  })
})
