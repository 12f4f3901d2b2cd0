/** What subscriptions use, as operators see it while they are open. */
import { afterEach, describe, expect, it } from '@jest/globals'
import type { UsageLine } from '../../../src/usage/index.js'
import { answer } from '../../support/embedded-gateway.js'
import { getJson } from '../../support/graphql-client.js'
import { openStream } from '../../support/read-stream.js'
import { closeSockets, openSocketClient } from '../../support/socket-client.js'
import { createStreamWorld, endWorldsAfterEach, type StreamWorld } from '../streaming/world.js'

endWorldsAfterEach()
afterEach(closeSockets)

const graph = {
  books: `
    type Book @key(fields: "id") { id: ID! }
    type Query { book: Book }
    type Subscription { bookChanged: Book }
  `,
  reviews: `
    type Book @key(fields: "id") { reviews: [Review!]  id: ID! }
    type Review { text: String }
    type Query { best: Int }
  `,
}

const REVIEWED = 'subscription Reviews { bookChanged { reviews { text } } }'
const EVENT = { data: { bookChanged: { __typename: 'Book', id: '1' } } }

/** A book has three reviews, each of which costs a point, like the book itself. */
async function createWorld(bucket: object = {}): Promise<StreamWorld> {
  const config = { usage: { enabled: true }, limits: { cost: { mode: 'measure', bucket } } }
  const world = await createStreamWorld(config, {}, graph)
  world.reviews.behave = (response) =>
    answer(response, { _entities: [{ reviews: ['one', 'two', 'three'].map((text) => ({ text })) }] })
  return world
}

async function usageOf({ gateway }: StreamWorld): Promise<UsageLine> {
  const { body } = await getJson(`${gateway.adminUrl}/usage`)
  expect(body).toHaveLength(1)
  return body[0]
}

describe('a subscription that is open', () => {
  it('has used one request, and by now so many events, their cost and their bytes', async () => {
    const world = await createWorld()
    const client = await openStream(world.gateway.url, { query: REVIEWED })
    const source = await world.books.opened(0)
    const opened = await usageOf(world)
    // The root field; and no bytes but those of the opening.
    expect(opened).toMatchObject({ operation: 'Reviews', requests: 1, events: 0, costUnits: 1 })
    for (let events = 1; events <= 2; events += 1) {
      source.next(EVENT)
      const event = (await client.next()) as object
      const bytes = Buffer.byteLength(JSON.stringify(event))
      const { requests, events: counted, costUnits, sentBytes } = await usageOf(world)
      expect({ requests, counted, costUnits }).toEqual({
        requests: 1,
        counted: events,
        costUnits: 1 + 3 * events,
      })
      expect(sentBytes).toBeGreaterThanOrEqual(opened.sentBytes + events * bytes)
    }
  })

  it('counts over a WebSocket too, and nothing twice when it is over', async () => {
    const world = await createWorld()
    const client = await openSocketClient(world.gateway.url)
    await client.init()
    client.subscribe('1', REVIEWED)
    const source = await world.books.opened(0)
    const { receivedBytes } = await usageOf(world)
    expect(receivedBytes).toBe(
      Buffer.byteLength(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: REVIEWED } })),
    )
    source.next(EVENT)
    const message = await client.next()
    const bytes = Buffer.byteLength(JSON.stringify(message))
    expect(await usageOf(world)).toMatchObject({ events: 1, costUnits: 4, receivedBytes, sentBytes: bytes })
    source.complete()
    const end = await client.next()
    expect(end).toEqual({ id: '1', type: 'complete' })
    const sentBytes = bytes + Buffer.byteLength(JSON.stringify(end))
    expect(await usageOf(world)).toMatchObject({
      requests: 1,
      events: 1,
      costUnits: 4,
      receivedBytes,
      sentBytes,
    })
  })

  it('pays once, as a whole, where buckets are told so', async () => {
    const world = await createWorld({ events: false })
    const client = await openStream(world.gateway.url, { query: REVIEWED })
    const source = await world.books.opened(0)
    const { costUnits } = await usageOf(world)
    expect(costUnits).toBeGreaterThan(1)
    source.next(EVENT)
    await client.next()
    expect(await usageOf(world)).toMatchObject({ events: 1, costUnits })
  })
})
