/** Cost is the same whichever way an operation came in. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { createRecordingSubgraph, startGateway } from '../../support/embedded-gateway.js'
import { FEDERATION_LINK } from '../../support/make-supergraph.js'
import { askGraphql, getJson } from '../../support/graphql-client.js'
import { openStream } from '../../support/read-stream.js'
import { closeSockets, openSocketClient } from '../../support/socket-client.js'
import { createStreamWorld, emma, endWorldsAfterEach } from '../streaming/world.js'

endWorldsAfterEach()
afterEach(closeSockets)

const REPORT = { 'x-cost': 'report' }
const CHANGED = 'subscription { bookChanged { id title stars } }'

describe('an endpoint', () => {
  const createWorld = async (maximum: number) => {
    const shop = await createRecordingSubgraph({ items: [{ id: '1' }] })
    const typeDefs = `${FEDERATION_LINK} type Query { items: [Item!] @listSize(assumedSize: 4) } type Item { id: ID! }`
    return startGateway(
      { shop: { url: shop.url, typeDefs } },
      {
        config: { limits: { cost: { mode: 'enforce', maximum: { anonymous: maximum } } } },
        page: 'query Page { items { id } }',
      },
    )
  }

  it('tells its cost in headers', async () => {
    const { url } = await createWorld(4)
    const { body, header } = await getJson(`${url}/page`, { headers: REPORT })
    expect(body).toEqual({ items: [{ id: '1' }] })
    expect(['estimated', 'actual', 'max'].map((name) => header(`x-cost-${name}`))).toEqual(['4', '1', '4'])
  })

  it('is refused as a problem where it is too expensive', async () => {
    const { url } = await createWorld(3)
    expect(await getJson(`${url}/page`)).toMatchObject({
      status: 400,
      body: { code: 'COST_ESTIMATED_TOO_EXPENSIVE' },
    })
  })
})

describe('a subscription', () => {
  const COST = { limits: { cost: { mode: 'enforce', report: { headers: 'never' } } } }

  it('tells with each event over HTTP what it cost', async () => {
    const { gateway, books } = await createStreamWorld(COST)
    const client = await openStream(gateway.url, { query: CHANGED }, REPORT)
    const source = await books.opened(0)
    source.next(emma())
    expect(await client.next()).toEqual({
      data: { bookChanged: { id: '1', title: 'Emma', stars: 5 } },
      extensions: { cost: { estimated: 1, actual: 1, maximum: 2_000 } },
    })
    source.next({ data: { bookChanged: null } })
    expect(await client.next()).toMatchObject({ extensions: { cost: { estimated: 1, actual: 0 } } })
  })

  it('tells it over a WebSocket to who asked for it in the handshake', async () => {
    const { gateway, books } = await createStreamWorld(COST)
    const client = await openSocketClient(gateway.url, { headers: REPORT })
    await client.init()
    client.subscribe('1', CHANGED)
    const source = await books.opened(0)
    source.next(emma())
    source.complete()
    expect(await client.outcome('1')).toMatchObject([
      { type: 'next', payload: { extensions: { cost: { estimated: 1, actual: 1 } } } },
      { type: 'complete' },
    ])
  })

  it('is paid once, when its subgraph is asked to open it, whatever comes of it', async () => {
    const bucket = {
      ...{ enabled: true, windowSeconds: 3_600 },
      ...{ perWindow: { anonymous: 1 }, burst: { anonymous: 2 } },
    }
    const { gateway, books } = await createStreamWorld({
      limits: { cost: { mode: 'enforce', maximum: { anonymous: 2 }, bucket } },
    })
    const { subscribe } = books
    books.subscribe = (response) => response.destroy()
    const failed = await openStream(gateway.url, { query: CHANGED })
    expect(await failed.next()).toMatchObject({ errors: [{ extensions: { code: 'SUBREQUEST_HTTP_ERROR' } }] })
    books.subscribe = subscribe
    const { next } = await openStream(gateway.url, { query: CHANGED })
    const source = await books.opened(0)
    for (const title of ['Emma', 'Persuasion']) {
      source.next(emma(title))
      expect(await next()).toMatchObject({ data: { bookChanged: { title } } })
    }
    const refused = await askGraphql(gateway.url, CHANGED, { headers: { accept: 'text/event-stream' } })
    expect([refused.status, refused.errors[0]?.extensions.code]).toEqual([429, 'REQUEST_RATE_LIMITED'])
  })

  it('is refused at its opening where it is too expensive', async () => {
    const { gateway, books } = await createStreamWorld({
      limits: { cost: { mode: 'enforce', maximum: { anonymous: 1 } } },
    })
    const client = await openSocketClient(gateway.url)
    await client.init()
    client.subscribe('1', 'subscription { a: bookChanged { id } }')
    await books.opened(0)
    client.subscribe('2', '{ a: book(id: 1) { id } b: book(id: 2) { id } }')
    expect(await client.outcome('2')).toMatchObject([
      {
        type: 'error',
        payload: [{ extensions: { code: 'COST_ESTIMATED_TOO_EXPENSIVE', costEstimated: 2 } }],
      },
    ])
  })
})
