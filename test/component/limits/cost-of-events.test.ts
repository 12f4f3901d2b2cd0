/** What the events of a subscription cost, and who pays for them. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { answer } from '../../support/embedded-gateway.js'
import { askGraphql } from '../../support/graphql-client.js'
import { FEDERATION_LINK, RATE_LIMIT_LINK } from '../../support/make-supergraph.js'
import { openStream } from '../../support/read-stream.js'
import { closeSockets, openSocketClient } from '../../support/socket-client.js'
import {
  createStreamWorld,
  endWorldsAfterEach,
  type StreamGraph,
  type StreamWorld,
} from '../streaming/world.js'

endWorldsAfterEach()
afterEach(closeSockets)

const graph = {
  books: `${FEDERATION_LINK}
    type Book @key(fields: "id") { id: ID! }
    type Query { some(first: Int!): [Book] @listSize(slicingArguments: ["first"]) }
    type Subscription { bookChanged: Book }
  `,
  reviews: `${FEDERATION_LINK}${RATE_LIMIT_LINK}
    type Book @key(fields: "id") {
      reviews(first: Int!): [Review!] @listSize(slicingArguments: ["first"])
      rare(first: Int!): [Review!] @listSize(slicingArguments: ["first"]) @rateLimit(limit: 1, duration: 600)
      id: ID!
    }
    type Review { text: String }
    type Query { best: Int }
  `,
} satisfies StreamGraph

/** One for the book, which is paid at the opening, and eight in each event. */
const REVIEWED = 'subscription { bookChanged { reviews(first: 8) { text } } }'
const EVENT = { data: { bookChanged: { __typename: 'Book', id: '1' } } }
const reviewsOf = (count: number) => Array.from({ length: count }, () => ({ text: 'good' }))

/** A bucket of 20 points that fills by one in an hour; a book has so many reviews. */
async function createWorld(reviewCount: number, cost: object = {}, bucketOptions: object = {}) {
  const bucket = {
    ...{ enabled: true, windowSeconds: 3_600 },
    ...{ perWindow: { anonymous: 1 }, burst: { anonymous: 20 } },
    ...bucketOptions,
  }
  const limits = { cost: { mode: 'enforce', maximum: { anonymous: 20 }, bucket, ...cost } }
  const world = await createStreamWorld({ limits, upstream: { retry: { attempts: 0 } } }, {}, graph)
  world.reviews.behave = (response, { body }) => {
    const key = /(\w+): ?reviews/.exec(body)?.[1] ?? 'reviews'
    answer(response, { _entities: [{ [key]: reviewsOf(reviewCount), rare: reviewsOf(reviewCount) }] })
  }
  return world
}

/** How many points are left: asks for one, which has come back by the answer. */
async function leftIn({ gateway }: StreamWorld): Promise<number> {
  const asked = await askGraphql(gateway.url, '{ some(first: 1) { id } }')
  return Number(/"cost";r=(\d+)/.exec(asked.header('ratelimit') ?? '')?.[1])
}

const unpaid = {
  errors: [
    {
      message: expect.any(String),
      extensions: { code: 'REQUEST_RATE_LIMITED', costEstimated: 8, retryAfterSeconds: expect.any(Number) },
    },
  ],
  data: null,
}

describe('an event of a subscription', () => {
  it('pays for what is asked below the root field, is kept back where that cannot be paid, and ends nothing', async () => {
    const { gateway, books, reviews } = await createWorld(8)
    const client = await openStream(gateway.url, { query: REVIEWED })
    const source = await books.opened(0)
    for (let events = 0; events < 2; events += 1) {
      source.next(EVENT)
      expect(await client.next()).toEqual({ data: { bookChanged: { reviews: reviewsOf(8) } } })
    }
    for (let events = 0; events < 2; events += 1) {
      source.next(EVENT)
      expect(await client.next()).toEqual(unpaid)
    }
    expect(reviews.seen).toHaveLength(2)
    source.complete()
    expect(await client.next()).toBe('complete')
  })

  it('is kept back in a message and in a part that end nothing either', async () => {
    const { gateway, books } = await createWorld(8)
    const socket = await openSocketClient(gateway.url)
    await socket.init()
    socket.subscribe('1', REVIEWED)
    const source = await books.opened(0)
    const accept = 'multipart/mixed;subscriptionSpec=1.0'
    const { until } = await openStream(gateway.url, { query: REVIEWED }, { accept })
    const part = await books.opened(1)
    for (let events = 0; events < 2; events += 1) {
      source.next(EVENT)
      expect(await socket.next()).toMatchObject({ type: 'next', payload: { data: { bookChanged: {} } } })
    }
    source.next(EVENT)
    expect(await socket.next()).toEqual({ id: '1', type: 'next', payload: unpaid })
    part.next(EVENT)
    expect(await until('"data":null}}')).toContain('{"payload":{"errors":')
  })

  it('gets back what was not needed, all of it where there is no object, and nothing where a subgraph failed', async () => {
    const world = await createWorld(2)
    const { gateway, books, reviews } = world
    const client = await openStream(gateway.url, { query: REVIEWED })
    const source = await books.opened(0)
    // 19 are left, of which two are needed.
    source.next(EVENT)
    expect(await client.next()).toMatchObject({ data: { bookChanged: { reviews: reviewsOf(2) } } })
    expect(await leftIn(world)).toBe(17)
    source.next({ data: { bookChanged: null } })
    expect(await client.next()).toEqual({ data: { bookChanged: null } })
    expect(await leftIn(world)).toBe(17)
    reviews.behave = (response) => response.destroy()
    source.next(EVENT)
    expect(await client.next()).toMatchObject({ data: { bookChanged: { reviews: null } } })
    expect(await leftIn(world)).toBe(9)
  })

  it('does not pay for a field that is over its limit', async () => {
    const world = await createWorld(8)
    const { gateway, books } = world
    const client = await openStream(gateway.url, {
      query: 'subscription { bookChanged { id rare(first: 8) { text } } }',
    })
    const source = await books.opened(0)
    source.next(EVENT)
    expect(await client.next()).toEqual({ data: { bookChanged: { id: '1', rare: reviewsOf(8) } } })
    expect(await leftIn(world)).toBe(11)
    source.next(EVENT)
    expect(await client.next()).toMatchObject({
      errors: [{ extensions: { code: 'FIELD_RATE_LIMITED' } }],
      data: { bookChanged: { id: '1', rare: null } },
    })
    expect(await leftIn(world)).toBe(11)
  })

  it('costs nothing where the subscription was paid as a whole', async () => {
    const world = await createWorld(8, {}, { events: false })
    const { gateway, books } = world
    const client = await openStream(gateway.url, { query: REVIEWED })
    const source = await books.opened(0)
    for (let events = 0; events < 3; events += 1) {
      source.next(EVENT)
      expect(await client.next()).toEqual({ data: { bookChanged: { reviews: reviewsOf(8) } } })
    }
    expect(await leftIn(world)).toBe(11)
  })
})

describe('the budget of a subgraph', () => {
  it('holds in each event', async () => {
    const { gateway, books, reviews } = await createWorld(8, { subgraphs: { reviews: { maximum: 5 } } })
    const client = await openStream(gateway.url, { query: REVIEWED })
    const source = await books.opened(0)
    source.next(EVENT)
    expect(await client.next()).toMatchObject({
      errors: [{ extensions: { code: 'SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE' } }],
      data: { bookChanged: { reviews: null } },
    })
    expect(reviews.seen).toHaveLength(0)
  })

  it('keeps a subscription from being opened', async () => {
    const heavy = graph.books.replace('type Book', 'type Book @cost(weight: 9)')
    const limits = { cost: { mode: 'enforce', subgraphs: { books: { maximum: 8 } } } }
    const { gateway, books } = await createStreamWorld({ limits }, {}, { ...graph, books: heavy })
    const client = await openStream(gateway.url, { query: REVIEWED })
    expect(await client.next()).toMatchObject({
      errors: [{ extensions: { code: 'SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE' } }],
    })
    expect(books.seen).toHaveLength(0)
  })
})
