import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CloseCode, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { CLOSINGS } from '../../../src/http/web-socket/close-codes.js'
import { createFakeStream, type FakeStream } from '../../support/fake-stream.js'
import { createSmallGeneration } from '../../support/small-generation.js'
import { createSmallServer } from '../../support/small-server.js'
import { closeSockets, openSocketClient, type SocketClient } from '../../support/socket-client.js'

/** The clauses of graphql-ws's PROTOCOL.md, section by section, against the listener. */

const SUBSCRIPTION = 'subscription { ticks }'

let url: string
let close: () => Promise<void>
let streams: FakeStream[]
/** Resolves operations whose text says that they wait. */
let release: () => void
let onStream: (stream: FakeStream) => void

beforeEach(async () => {
  streams = []
  onStream = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  const small = createSmallGeneration(async ({ request }) => {
    if (request.query?.includes('Waits') === true) await gate
  })
  const generation: typeof small.generation = {
    ...small.generation,
    runOperation: (received) => {
      if (received.request.query !== SUBSCRIPTION) return small.generation.runOperation(received)
      const stream = createFakeStream()
      streams.push(stream)
      onStream(stream)
      return Promise.resolve(stream.reply)
    },
  }
  const server = createSmallServer({ idleDrainMs: 0 }, { current: () => generation })
  ;({ url } = await server.listen({ host: '127.0.0.1', port: 0 }))
  close = server.close
})

afterEach(async () => {
  closeSockets()
  await close()
})

const opened = (): Promise<SocketClient> => openSocketClient(url)
const ready = async (): Promise<SocketClient> => {
  const client = await opened()
  await client.init()
  return client
}
const nextStream = (): Promise<FakeStream> => new Promise((resolve) => (onStream = resolve))

describe('Communication', () => {
  it('MUST speak the sub-protocol graphql-transport-ws', async () => {
    const { socket } = await openSocketClient(url, { protocols: ['graphql-ws', 'graphql-transport-ws'] })
    expect(socket.protocol).toBe('graphql-transport-ws')
  })

  it('MUST close with 4406 where no sub-protocol was named', async () => {
    const client = await openSocketClient(url, { protocols: [] })
    expect(await client.closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' })
  })

  it('MUST accept 1000: Normal Closure from the client, and end what was under way', async () => {
    const client = await ready()
    const started = nextStream()
    client.subscribe('1', SUBSCRIPTION)
    const stream = await started
    client.socket.close(1000, 'Normal Closure')
    expect(await client.closed).toMatchObject({ code: 1000 })
    expect(await stream.over).toBe('stopped')
  })

  it('has the codes and texts of graphql-ws', () => {
    const ours = Object.values(CLOSINGS).map(({ code }) => code)
    const ofServers = [
      CloseCode.InternalServerError,
      CloseCode.BadRequest,
      CloseCode.Unauthorized,
      CloseCode.Forbidden,
      CloseCode.SubprotocolNotAcceptable,
      CloseCode.ConnectionInitialisationTimeout,
      CloseCode.SubscriberAlreadyExists,
      CloseCode.TooManyInitialisationRequests,
    ]
    expect(ours).toEqual(expect.arrayContaining(ofServers))
    expect(new Set(ours).size).toBe(ours.length)
  })
})

describe('ConnectionInit', () => {
  it('MUST be acknowledged with ConnectionAck', async () => {
    const client = await opened()
    client.send({ type: 'connection_init' })
    expect(await client.next()).toEqual({ type: 'connection_ack' })
  })

  it.each([[null], [{}], [{ anything: ['else'] }]])('MAY have the payload %j', async (payload) => {
    const client = await opened()
    client.send({ type: 'connection_init', payload })
    expect(await client.next()).toEqual({ type: 'connection_ack' })
  })

  it('MUST come in time, or the socket closes with 4408', async () => {
    const server = createSmallServer({ idleDrainMs: 0, webSocket: { initTimeoutMs: 50 } })
    const client = await openSocketClient((await server.listen({ host: '127.0.0.1', port: 0 })).url)
    expect(await client.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' })
    await server.close()
  })

  it('MUST NOT come twice, or the socket closes with 4429', async () => {
    const client = await ready()
    client.send({ type: 'connection_init' })
    expect(await client.closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' })
  })

  it('MUST NOT come twice before it is acknowledged either', async () => {
    const client = await opened()
    client.send({ type: 'connection_init' })
    client.send({ type: 'connection_init' })
    expect(await client.closed).toMatchObject({ code: 4429 })
  })
})

describe('Ping and Pong', () => {
  it('MUST answer a ping before the connection is acknowledged as well', async () => {
    const client = await opened()
    client.send({ type: 'ping' })
    expect(await client.next()).toEqual({ type: 'pong' })
  })

  it('MUST answer with the payload of the ping', async () => {
    const client = await ready()
    client.send({ type: 'ping', payload: { at: [1, 'noon'] } })
    expect(await client.next()).toEqual({ type: 'pong', payload: { at: [1, 'noon'] } })
  })

  it('MAY get a pong that nobody asked for', async () => {
    const client = await ready()
    client.send({ type: 'pong', payload: { a: 1 } })
    client.send({ type: 'ping' })
    expect(await client.next()).toEqual({ type: 'pong' })
  })
})

describe('Subscribe', () => {
  it('MUST close with 4401 before the connection is acknowledged', async () => {
    const client = await opened()
    client.subscribe('1', '{ greeting }')
    expect(await client.closed).toEqual({ code: 4401, reason: 'Unauthorized' })
  })

  it('runs a query: next, then complete', async () => {
    const client = await ready()
    client.subscribe('1', 'query Hello($name: String) { greeting(name: $name) }', {
      operationName: 'Hello',
      variables: { name: 'you' },
      extensions: null,
    })
    expect(await client.outcome('1')).toEqual([
      { id: '1', type: 'next', payload: { data: { greeting: 'Hello, you!' } } },
      { id: '1', type: 'complete' },
    ])
  })

  it('runs a mutation', async () => {
    const client = await ready()
    client.subscribe('1', 'mutation { count }')
    expect((await client.outcome('1'))[0]?.payload).toEqual({ data: { count: 1 } })
  })

  it('sends partial data with its errors as next', async () => {
    const client = await ready()
    client.subscribe('1', '{ greeting broken }')
    const [first, second] = await client.outcome('1')
    expect(first).toMatchObject({
      type: 'next',
      payload: { data: { greeting: 'Hello, world!', broken: null }, errors: [{ path: ['broken'] }] },
    })
    expect(second?.type).toBe('complete')
  })

  it('sends a next for each event, and complete after the last one', async () => {
    const client = await ready()
    const started = nextStream()
    client.subscribe('1', SUBSCRIPTION)
    const stream = await started
    for (const ticks of [1, 2, 3]) stream.push({ data: { ticks } })
    stream.finish('completed')
    expect(await client.outcome('1')).toEqual([
      ...[1, 2, 3].map((ticks) => ({ id: '1', type: 'next', payload: { data: { ticks } } })),
      { id: '1', type: 'complete' },
    ])
  })

  it('runs operations side by side on one socket', async () => {
    const client = await ready()
    client.subscribe('slow', 'query Waits { greeting }')
    client.subscribe('fast', '{ greeting }')
    expect((await client.outcome('fast')).map(({ type }) => type)).toEqual(['next', 'complete'])
    release()
    expect((await client.outcome('slow')).map(({ type }) => type)).toEqual(['next', 'complete'])
  })

  it.each([
    ['a query', 'query Waits { greeting }'],
    ['a subscription', SUBSCRIPTION],
  ])('MUST close with 4409 where the id is that of %s under way', async (_what, query) => {
    const client = await ready()
    client.subscribe('1', query)
    client.subscribe('1', '{ greeting }')
    expect(await client.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' })
    release()
  })

  it('MAY use an id again that is complete', async () => {
    const client = await ready()
    for (let round = 0; round < 2; round += 1) {
      client.subscribe('1', '{ greeting }')
      expect(await client.outcome('1')).toHaveLength(2)
    }
  })

  it.each(['__proto__', 'constructor', 'toString', ' ', '1'.repeat(500)])(
    'takes the id %j for a name like any other',
    async (id) => {
      const client = await ready()
      client.subscribe(id, '{ greeting }')
      expect((await client.outcome(id)).map(({ type }) => type)).toEqual(['next', 'complete'])
    },
  )
})

describe('Error', () => {
  it.each([
    ['does not parse', '{ greeting', 'GRAPHQL_PARSE_FAILED'],
    ['is not valid', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('ends an operation that %s, without complete, and the socket stays open', async (_case, query, code) => {
    const client = await ready()
    client.subscribe('1', query)
    const messages = await client.outcome('1')
    expect(messages).toMatchObject([{ type: 'error', payload: [{ extensions: { code } }] }])
    client.send({ type: 'ping' })
    expect(await client.next()).toEqual({ type: 'pong' })
  })

  it('ends a subscription whose source breaks off', async () => {
    const client = await ready()
    const started = nextStream()
    client.subscribe('1', SUBSCRIPTION)
    const stream = await started
    stream.push({ data: { ticks: 1 } })
    stream.finish('failed', {
      errors: [{ message: 'It broke off.', extensions: { code: 'SUBREQUEST_HTTP_ERROR' } }],
    })
    expect((await client.outcome('1')).map(({ type }) => type)).toEqual(['next', 'error'])
  })
})

describe('Complete', () => {
  it('from the client ends a subscription: nothing more comes of it', async () => {
    const client = await ready()
    const started = nextStream()
    client.subscribe('1', SUBSCRIPTION)
    const stream = await started
    client.send({ id: '1', type: 'complete' })
    expect(await stream.over).toBe('stopped')
    stream.push({ data: { ticks: 1 } })
    client.send({ type: 'ping' })
    expect(await client.next()).toEqual({ type: 'pong' })
  })

  it('from the client keeps the answer of a single-result operation from being sent', async () => {
    const client = await ready()
    client.subscribe('1', 'query Waits { greeting }')
    client.send({ id: '1', type: 'complete' })
    client.subscribe('2', 'query Waits { greeting }')
    release()
    expect((await client.next()).id).toBe('2')
  })

  it('for an operation that is over or unknown is ignored', async () => {
    const client = await ready()
    client.subscribe('1', '{ greeting }')
    await client.outcome('1')
    client.send({ id: '1', type: 'complete' })
    client.send({ id: 'never', type: 'complete' })
    client.send({ type: 'ping' })
    expect(await client.next()).toEqual({ type: 'pong' })
  })
})

describe('Invalid message', () => {
  it.each<readonly [string, unknown]>([
    ['no JSON', 'not json'],
    ['an empty text', ''],
    ['a list', []],
    ['null', null],
    ['a number', 1],
    ['no type', {}],
    ['a type that is no text', { type: 1 }],
    ['an unknown type', { type: 'start', id: '1', payload: { query: '{ greeting }' } }],
    ['a type of the server', { type: 'connection_ack' }],
    ['a next', { type: 'next', id: '1', payload: { data: {} } }],
    ['an error', { type: 'error', id: '1', payload: [{ message: '' }] }],
    ['a ping whose payload is no object', { type: 'ping', payload: 'x' }],
    ['a pong whose payload is a list', { type: 'pong', payload: [] }],
    ['a complete without id', { type: 'complete' }],
    ['a subscribe without id', { type: 'subscribe', payload: { query: '{ greeting }' } }],
    ['a subscribe with an empty id', { type: 'subscribe', id: '', payload: { query: '{ greeting }' } }],
    ['a subscribe whose id is a number', { type: 'subscribe', id: 1, payload: { query: '{ greeting }' } }],
    ['a subscribe without payload', { type: 'subscribe', id: '1' }],
    ['a subscribe without query', { type: 'subscribe', id: '1', payload: {} }],
    ['a query that is no text', { type: 'subscribe', id: '1', payload: { query: 1 } }],
    [
      'variables that are a list',
      { type: 'subscribe', id: '1', payload: { query: '{ greeting }', variables: [] } },
    ],
    [
      'extensions that are a text',
      { type: 'subscribe', id: '1', payload: { query: '{ greeting }', extensions: 'x' } },
    ],
    [
      'an operation name that is a number',
      { type: 'subscribe', id: '1', payload: { query: '{ greeting }', operationName: 1 } },
    ],
  ])('closes at once with 4400 for %s', async (_case, message) => {
    const client = await ready()
    client.send(typeof message === 'string' ? message : JSON.stringify(message))
    const { code, reason } = await client.closed
    expect(code).toBe(4400)
    expect(reason).not.toBe('')
  })

  it('closes with 4400 for a connection_init whose payload is no object', async () => {
    const client = await opened()
    client.send({ type: 'connection_init', payload: 'x' })
    expect(await client.closed).toMatchObject({ code: 4400 })
  })
})

describe('graphql-ws as the client', () => {
  it('runs a query and iterates over a subscription', async () => {
    const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket })
    const query = client.iterate({ query: '{ greeting }' })
    expect((await query.next()).value).toEqual({ data: { greeting: 'Hello, world!' } })
    expect((await query.next()).done).toBe(true)

    const started = nextStream()
    const subscription = client.iterate({ query: SUBSCRIPTION })
    const first = subscription.next()
    const stream = await started
    stream.push({ data: { ticks: 1 } })
    expect((await first).value).toEqual({ data: { ticks: 1 } })
    await subscription.return?.()
    expect(await stream.over).toBe('stopped')
    await client.dispose()
  })
})
