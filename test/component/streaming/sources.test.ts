/** Subgraphs that do not keep to the protocol, and clients that are slower than they. */
import { request } from 'node:http'
import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { openStream } from '../../support/read-stream.js'
import { createStreamWorld, emma, endWorldsAfterEach } from './world.js'

endWorldsAfterEach()

const CHANGED = { query: 'subscription { bookChanged { id title } }' }
const failure = (code: string) => ({
  errors: [
    {
      message: expect.any(String),
      path: ['bookChanged'],
      extensions: { code, service: 'books' },
    },
  ],
  data: null,
})

describe('a subgraph that does not open a subscription', () => {
  it('has its errors told, masked, as the only answer', async () => {
    const { gateway, books } = await createStreamWorld()
    books.subscribe = (response) => {
      response.writeHead(400, { 'content-type': 'application/json' })
      const errors = [
        { message: 'db-7.internal is down' },
        { message: 'No such book.', extensions: { code: 'NOT_FOUND' } },
      ]
      response.end(JSON.stringify({ errors }))
    }
    const client = await openStream(gateway.url, CHANGED)
    expect(await client.next()).toEqual({
      errors: [
        { ...failure('SUBGRAPH_ERROR').errors[0], message: "Subgraph 'books' reported an error." },
        { ...failure('NOT_FOUND').errors[0], message: 'No such book.' },
      ],
      data: null,
    })
    expect(await client.next()).toBe('complete')
  })

  it.each<[string, string, (world: Awaited<ReturnType<typeof createStreamWorld>>) => void]>([
    ['never answers', 'SUBREQUEST_TIMEOUT', ({ books }) => (books.subscribe = () => undefined)],
    [
      'has gone',
      'SUBREQUEST_HTTP_ERROR',
      ({ books }) => (books.subscribe = (response) => response.destroy()),
    ],
    [
      'knows no events',
      'SUBREQUEST_HTTP_ERROR',
      ({ books }) => (books.subscribe = (response) => response.writeHead(406).end()),
    ],
    [
      'answers with a page',
      'SUBREQUEST_MALFORMED_RESPONSE',
      ({ books }) =>
        (books.subscribe = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')),
    ],
  ])('because it %s is an error of its field', async (_what, code, spoil) => {
    const world = await createStreamWorld({ upstream: { timeoutMs: 1_000 }, subscriptions: { maxOpen: 1 } })
    spoil(world)
    for (let time = 0; time < 2; time += 1) {
      const client = await openStream(world.gateway.url, CHANGED)
      expect(client.response.status).toBe(200)
      expect(await client.next()).toEqual(failure(code))
      expect(await client.next()).toBe('complete')
    }
  })
})

describe('a subgraph that breaks off', () => {
  it.each<[string, string, string]>([
    ['sends what is no JSON', 'event: next\ndata: {\n\n', 'SUBREQUEST_MALFORMED_RESPONSE'],
    ['sends what is no answer', 'event: next\ndata: [1]\n\n', 'SUBREQUEST_MALFORMED_RESPONSE'],
    [
      'sends more than an event may have',
      `event: next\ndata: ${'x'.repeat(2_000)}`,
      'SUBREQUEST_MALFORMED_RESPONSE',
    ],
    ['sends a comment without an end', `: ${'x'.repeat(2_000)}`, 'SUBREQUEST_MALFORMED_RESPONSE'],
    ['says nothing any more', '', 'SUBREQUEST_TIMEOUT'],
  ])('because it %s ends the subscription behind what had come', async (_what, bytes, code) => {
    const { gateway, books } = await createStreamWorld({
      upstream: { subscriptions: { maxEventBytes: 1_000, silenceTimeoutMs: 1_000 } },
    })
    const client = await openStream(gateway.url, CHANGED)
    const source = await books.opened(0)
    source.next(emma())
    expect(await client.next()).toMatchObject({ data: { bookChanged: { title: 'Emma' } } })
    source.raw(bytes)
    expect(await client.next()).toEqual(failure(code))
    expect(await client.next()).toBe('complete')
    await source.closed
  })

  it.each(['end', 'destroy'] as const)(
    'by the %s of its stream ends the subscription with an error',
    async (how) => {
      const { gateway, books } = await createStreamWorld()
      const client = await openStream(gateway.url, CHANGED)
      const source = await books.opened(0)
      source.next(emma())
      await client.next()
      source.response[how]()
      expect(await client.next()).toEqual(failure('SUBREQUEST_MALFORMED_RESPONSE'))
      expect(await client.next()).toBe('complete')
    },
  )

  it('goes on behind errors that are an event', async () => {
    const { gateway, books } = await createStreamWorld()
    const client = await openStream(gateway.url, CHANGED)
    const source = await books.opened(0)
    source.next({ data: null, errors: [{ message: 'oops', path: ['bookChanged'] }] })
    expect(await client.next()).toEqual(failure('SUBGRAPH_ERROR'))
    source.next(emma())
    expect(await client.next()).toMatchObject({ data: { bookChanged: { title: 'Emma' } } })
  })
})

describe('a client that reads nothing', () => {
  it('costs no more than its backlog: the subgraph is let go, and the client in its time', async () => {
    const { gateway, books } = await createStreamWorld({
      server: { streams: { stallTimeoutMs: 300 } },
      upstream: { subscriptions: { maxBacklogEvents: 10 } },
    })
    const asking = request(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    })
    asking.end(JSON.stringify(CHANGED))
    const [response] = await once(asking, 'response')
    response.pause()
    const source = await books.opened(0)
    const sending = setInterval(() => {
      for (let count = 0; count < 20; count += 1) source.next(emma('x'.repeat(100_000)))
    }, 5)
    await source.closed
    clearInterval(sending)
    response.resume()
    const ended = await Promise.race([once(response, 'close'), once(response, 'error')])
    expect(ended).toBeDefined()
  })
})

describe('two callers', () => {
  it('have a connection each to the subgraph, in their own name, however equal what they ask', async () => {
    const { gateway, books } = await createStreamWorld()
    const clients = [await openStream(gateway.url, CHANGED), await openStream(gateway.url, CHANGED)]
    const sources = [await books.opened(0), await books.opened(1)]
    expect(sources[0]?.response.socket).not.toBe(sources[1]?.response.socket)
    for (const [index, source] of sources.entries()) source.next(emma(String(index)))
    const answers = await Promise.all(clients.map((client) => client.next()))
    expect(answers.map((answer) => JSON.stringify(answer)).sort()).toEqual([
      '{"data":{"bookChanged":{"id":"1","title":"0"}}}',
      '{"data":{"bookChanged":{"id":"1","title":"1"}}}',
    ])
  })
})
