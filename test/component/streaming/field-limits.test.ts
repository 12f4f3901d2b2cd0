/** Limits on fields (`@rateLimit`) count in each event of a subscription what is asked below its root field. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { askGraphql } from '../../support/graphql-client.js'
import { FEDERATION_LINK, RATE_LIMIT_LINK } from '../../support/make-supergraph.js'
import { openStream } from '../../support/read-stream.js'
import { closeSockets, openSocketClient } from '../../support/socket-client.js'
import { createStreamWorld, emma, endWorldsAfterEach, type StreamGraph } from './world.js'

endWorldsAfterEach()
afterEach(closeSockets)

const graph = {
  books: `${FEDERATION_LINK}${RATE_LIMIT_LINK}
    interface Item { id: ID!  price: Int }
    type Book implements Item @key(fields: "id") {
      id: ID!
      title: String!
      price: Int @rateLimit(limit: 1, duration: 600)
      name: String! @rateLimit(limit: 1, duration: 600)
    }
    type Pen implements Item { id: ID!  price: Int }
    type Query { book(id: ID!): Book  item: Item }
    type Subscription {
      bookChanged(id: ID): Book
      itemChanged: Item
      rare: Book @rateLimit(limit: 1, duration: 600)
    }
  `,
  reviews: `${FEDERATION_LINK}${RATE_LIMIT_LINK}
    type Book @key(fields: "id") { id: ID!  stars: Int @rateLimit(limit: 2, duration: 600) }
    type Query { best: Int }
  `,
} satisfies StreamGraph

const createWorld = (config: object = {}) => createStreamWorld({ ...config }, {}, graph)
const limited = (...path: string[]) => ({
  message: expect.stringContaining('Too many requests for'),
  path,
  extensions: { code: 'FIELD_RATE_LIMITED', retryAfterSeconds: 600 },
})
const STARS = 'subscription { bookChanged { id stars } }'
const FULL = { data: { bookChanged: { id: '1', stars: 5 } } }
const WITHOUT = {
  errors: [limited('bookChanged', 'stars')],
  data: { bookChanged: { id: '1', stars: null } },
}

/** Reads what comes of a subscription, over each of the transports. */
const TRANSPORTS = {
  'server-sent events': async (url: string) => (await openStream(url, { query: STARS })).next,
  multipart: async (url: string) => {
    const accept = 'multipart/mixed;subscriptionSpec=1.0'
    const { until } = await openStream(url, { query: STARS }, { accept })
    await until('{}\r\n--graphql')
    return async () => {
      await until('application/json\r\n\r\n')
      const part = JSON.parse((await until('\r\n')).trim()) as { payload?: unknown }
      return part.payload
    }
  },
  'a WebSocket': async (url: string) => {
    const client = await openSocketClient(url)
    await client.init()
    client.subscribe('1', STARS)
    return async () => (await client.next()).payload as unknown
  },
}

describe('a limited field below the root of a subscription', () => {
  it.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])(
    'is counted in each event, and not fetched over its limit, over %s',
    async (transport) => {
      const { gateway, books, reviews } = await createWorld()
      const next = await TRANSPORTS[transport](gateway.url)
      const source = await books.opened(0)
      source.next(emma())
      expect(await next()).toEqual(FULL)
      source.next(emma())
      expect(await next()).toEqual(FULL)
      source.next(emma())
      expect(await next()).toEqual(WITHOUT)
      source.next(emma())
      expect(await next()).toEqual(WITHOUT)
      expect(reviews.seen).toHaveLength(2)
    },
  )

  it('has one count with queries, and none from opening', async () => {
    const { gateway, books } = await createWorld()
    for (let index = 0; index < 4; index += 1) await openStream(gateway.url, { query: STARS })
    const client = await openStream(gateway.url, { query: STARS })
    const source = await books.opened(4)
    expect((await askGraphql(gateway.url, '{ book(id: 1) { stars } }')).errors).toEqual([])
    source.next(emma())
    expect(await client.next()).toEqual(FULL)
    expect((await askGraphql(gateway.url, '{ book(id: 1) { stars } }')).errors).toMatchObject([
      { extensions: { code: 'FIELD_RATE_LIMITED' } },
    ])
    source.next(emma())
    expect(await client.next()).toEqual(WITHOUT)
  })

  it('is kept from the answer where the source sends it anyway', async () => {
    const { gateway, books } = await createWorld()
    const client = await openStream(gateway.url, { query: 'subscription { bookChanged { id price } }' })
    const source = await books.opened(0)
    source.next({ data: { bookChanged: { id: '1', price: 9 } } })
    expect(await client.next()).toEqual({ data: { bookChanged: { id: '1', price: 9 } } })
    source.next({ data: { bookChanged: { id: '1', price: 10 } } })
    expect(await client.next()).toEqual({
      errors: [limited('bookChanged', 'price')],
      data: { bookChanged: { id: '1', price: null } },
    })
  })

  it('may be all that is asked of the event: the subscription goes on', async () => {
    const { gateway, books } = await createWorld()
    const client = await openStream(gateway.url, { query: 'subscription { bookChanged { price } }' })
    const source = await books.opened(0)
    source.next({ data: { bookChanged: { price: 9 } } })
    expect(await client.next()).toEqual({ data: { bookChanged: { price: 9 } } })
    for (let events = 0; events < 2; events += 1) {
      source.next({ data: { bookChanged: { price: 10 } } })
      expect(await client.next()).toEqual({
        errors: [limited('bookChanged', 'price')],
        data: { bookChanged: { price: null } },
      })
    }
  })

  it('that may not be null takes its object with it, and the subscription goes on', async () => {
    const { gateway, books } = await createWorld()
    const client = await openStream(gateway.url, { query: 'subscription { bookChanged { id name } }' })
    const source = await books.opened(0)
    source.next({ data: { bookChanged: { id: '1', name: 'Emma' } } })
    expect(await client.next()).toEqual({ data: { bookChanged: { id: '1', name: 'Emma' } } })
    for (let events = 0; events < 2; events += 1) {
      source.next({ data: { bookChanged: { id: '1', name: 'Emma' } } })
      expect(await client.next()).toEqual({
        errors: [limited('bookChanged', 'name')],
        data: { bookChanged: null },
      })
    }
  })

  it('of one type of several is never shown over its limit, and the subscription goes on', async () => {
    const { gateway, books } = await createWorld()
    const client = await openStream(gateway.url, { query: 'subscription { itemChanged { id price } }' })
    const source = await books.opened(0)
    const item = (price: number) => ({ data: { itemChanged: { __typename: 'Book', id: '1', price } } })
    source.next(item(9))
    expect(await client.next()).toEqual({ data: { itemChanged: { id: '1', price: 9 } } })
    for (let events = 0; events < 2; events += 1) {
      source.next(item(10))
      const answer = await client.next()
      expect(answer).toMatchObject({ errors: [limited('itemChanged', 'price')] })
      expect(JSON.stringify(answer)).not.toContain('10')
    }
  })

  it('counts in the one reply that a subgraph gives in place of events', async () => {
    const { gateway, books, reviews } = await createWorld()
    books.subscribe = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(emma()))
    }
    const answers = [FULL, FULL, WITHOUT]
    for (const answer of answers) {
      expect(await (await openStream(gateway.url, { query: STARS })).next()).toEqual(answer)
    }
    expect(reviews.seen).toHaveLength(2)
  })

  it('is not counted for what ends the source', async () => {
    const { gateway, books } = await createWorld()
    for (let index = 0; index < 3; index += 1) {
      const client = await openStream(gateway.url, { query: STARS })
      ;(await books.opened(index)).raw('event: next\ndata: no JSON\n\n')
      expect(await client.next()).toMatchObject({
        errors: [{ extensions: { code: 'SUBREQUEST_MALFORMED_RESPONSE' } }],
      })
    }
    const client = await openStream(gateway.url, { query: STARS })
    ;(await books.opened(3)).next(emma())
    expect(await client.next()).toEqual(FULL)
  })
})

describe('a limited root field of a subscription', () => {
  it('counts when it is opened, and not in its events', async () => {
    const { gateway, books } = await createWorld()
    const client = await openStream(gateway.url, { query: 'subscription { rare { id } }' })
    const source = await books.opened(0)
    for (let events = 0; events < 3; events += 1) {
      source.next({ data: { rare: { id: '1' } } })
      expect(await client.next()).toEqual({ data: { rare: { id: '1' } } })
    }
    const headers = { accept: 'text/event-stream' }
    const refused = await askGraphql(gateway.url, 'subscription { rare { id } }', { headers })
    expect([refused.status, refused.errors[0]?.extensions.code]).toEqual([429, 'FIELD_RATE_LIMITED'])
    expect(books.streams).toHaveLength(1)
  })
})
