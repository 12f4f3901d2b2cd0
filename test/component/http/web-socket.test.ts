import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import type { HttpPorts, HttpServer } from '../../../src/http/index.js'
import type { Received } from '../../../src/kernel/contexts.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { Generation } from '../../../src/kernel/generation.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { createFakeStream, type FakeStream } from '../../support/fake-stream.js'
import { createSmallGeneration } from '../../support/small-generation.js'
import { createKeepingLogger, createSmallServer } from '../../support/small-server.js'
import {
  closeSockets,
  openSocketClient,
  RefusedHandshake,
  type SocketClient,
  type SocketOptions,
} from '../../support/socket-client.js'

const SUBSCRIPTION = 'subscription { ticks }'
const USER: Principal = {
  kind: 'user',
  key: 'user:u-1',
  userId: 'u-1',
  tenant: 'acme',
  plan: 'free',
  scopes: new Set(),
  scopeKey: '',
  roles: [],
}

const invalid = () => new GatewayError('UNAUTHENTICATED', 'The access token is not valid.')

/** A listener over a tiny graph whose subscriptions the test gives out, and whose callers it knows. */
interface World {
  readonly server: HttpServer
  readonly url: string
  /** Everything that came to the line. */
  readonly received: Received[]
  /** The stream of the subscription that is made next. */
  readonly nextStream: () => Promise<FakeStream>
  /** Lets operations named `Waits` go on. */
  readonly release: () => void
  /** Resolves when so many of them have come. */
  readonly whenWaiting: (count: number) => Promise<void>
  readonly open: (options?: SocketOptions) => Promise<SocketClient>
  readonly ready: (payload?: object) => Promise<SocketClient>
}

const servers: HttpServer[] = []

afterEach(async () => {
  closeSockets()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function createWorld(options: object = {}, ports: Partial<HttpPorts> = {}): Promise<World> {
  let release: () => void = () => undefined
  let waiting = 0
  let tellWaiting: () => void = () => undefined
  let tellStream: (stream: FakeStream) => void = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  const received: Received[] = []
  const small = createSmallGeneration(async ({ request, deadline }) => {
    if (request.query?.includes('Waits') !== true) return
    waiting += 1
    tellWaiting()
    await Promise.race([gate, new Promise<void>((resolve) => void deadline.onEnd(() => resolve()))])
    deadline.assertOpen()
  })
  const generation: Generation = {
    ...small.generation,
    runOperation: (context) => {
      received.push(context)
      if (context.request.query !== SUBSCRIPTION) return small.generation.runOperation(context)
      const stream = createFakeStream()
      tellStream(stream)
      return Promise.resolve(stream.reply)
    },
  }
  const server = createSmallServer({ idleDrainMs: 0, ...options }, { current: () => generation, ...ports })
  servers.push(server)
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const open = (socket?: SocketOptions) => openSocketClient(url, socket)
  return {
    server,
    url,
    received,
    nextStream: () => new Promise((resolve) => (tellStream = resolve)),
    release: () => {
      release()
    },
    whenWaiting: (count) =>
      new Promise((resolve) => {
        tellWaiting = () => {
          if (waiting >= count) resolve()
        }
      }),
    open,
    async ready(payload) {
      const client = await open()
      await client.init(payload)
      return client
    },
  }
}

/** Everybody is this user, for as long as the test does not say otherwise. */
function identifyAs(state: { principal?: Principal; refusal?: Error }): HttpPorts['identify'] {
  return {
    name: 'identify',
    run: async (context) => {
      if (state.refusal !== undefined) throw state.refusal
      return Promise.resolve({ ...context, principal: state.principal ?? USER })
    },
  }
}

async function subscribed(world: World, client: SocketClient, id = 's'): Promise<FakeStream> {
  const started = world.nextStream()
  client.subscribe(id, SUBSCRIPTION)
  return started
}

describe('a credential', () => {
  it('closes an idle socket with 4403 at the moment at which it expires', async () => {
    let nowMs = 1_000_000
    const principal = { ...USER, expiresAtSeconds: 2_000 }
    const world = await createWorld(
      { webSocket: { identityCheckMs: 10 } },
      { clock: { now: () => nowMs }, identify: identifyAs({ principal }) },
    )
    const client = await world.ready()
    nowMs = 1_999_999
    client.send({ type: 'ping' })
    expect((await client.next()).type).toBe('pong')

    nowMs = 2_000_000

    expect(await client.closed).toEqual({ code: 4403, reason: 'Forbidden' })
  })

  it('that is revoked closes an idle socket, and its subscriptions with it', async () => {
    const state: { refusal?: Error } = {}
    const world = await createWorld({ webSocket: { identityCheckMs: 10 } }, { identify: identifyAs(state) })
    const client = await world.ready()
    const stream = await subscribed(world, client)

    state.refusal = invalid()

    expect(await client.closed).toMatchObject({ code: 4403 })
    expect(await stream.over).toBe('stopped')
  })

  it.each([
    new GatewayError('IDENTITY_UNAVAILABLE', 'The store of keys is away.'),
    new GatewayError(
      'REQUEST_RATE_LIMITED',
      'Too many credentials that are not valid come from this address.',
    ),
  ])('is not held against its holder while it cannot be judged: $code', async (refusal) => {
    let looks = 0
    const state: { refusal?: Error } = {}
    const identify = identifyAs(state)
    let sawTwo: () => void
    const lookedTwice = new Promise<void>((resolve) => (sawTwo = resolve))
    const counting: HttpPorts['identify'] = {
      name: 'identify',
      run: (context) => {
        looks += 1
        if (looks === 4) sawTwo()
        return identify.run(context)
      },
    }
    const world = await createWorld({ webSocket: { identityCheckMs: 10 } }, { identify: counting })
    const client = await world.ready()
    state.refusal = refusal
    await lookedTwice
    client.send({ type: 'ping' })
    expect((await client.next()).type).toBe('pong')
  })

  it('that cannot be judged at the start gets 1013, and a fault of ours 4500', async () => {
    for (const [refusal, code] of [
      [new GatewayError('IDENTITY_UNAVAILABLE', 'The store of keys is away.'), 1013],
      [new GatewayError('REQUEST_RATE_LIMITED', 'Too many bad ones come from this address.'), 1013],
      [new Error('a bug'), 4500],
    ] as const) {
      const world = await createWorld({}, { identify: identifyAs({ refusal }) })
      const client = await world.open()
      client.send({ type: 'connection_init' })
      expect(await client.closed).toMatchObject({ code })
    }
  })

  it('goes with every operation to the line, which knows the caller anew', async () => {
    const world = await createWorld()
    const client = await world.ready({ authorization: 'Bearer one' })
    client.subscribe('1', '{ greeting }')
    await client.outcome('1')
    expect(world.received).toMatchObject([
      { credentials: { authorization: 'Bearer one' }, frontEnd: 'graphql', carriesStream: true },
    ])
  })

  it('in the handshake and the same in the payload is one', async () => {
    const world = await createWorld()
    const client = await world.open({ headers: { 'x-api-key': 'k' } })
    await client.init({ 'X-API-KEY': 'k', authorization: null })
    client.subscribe('1', '{ greeting }')
    await client.outcome('1')
    expect(world.received[0]?.credentials).toEqual({ apiKey: 'k' })
  })
})

describe('the end of a stream', () => {
  it('by expiry closes the socket with 4403, behind its last words', async () => {
    const world = await createWorld()
    const client = await world.ready()
    const stream = await subscribed(world, client)
    stream.push({ data: { ticks: 1 } })
    stream.finish('expired', { errors: [{ message: 'Expired.', extensions: { code: 'UNAUTHENTICATED' } }] })
    expect((await client.outcome('s')).map(({ type }) => type)).toEqual(['next', 'error'])
    expect(await client.closed).toMatchObject({ code: 4403 })
  })

  it('by a reload is an error of the subscription, and the socket stays open', async () => {
    const world = await createWorld()
    const client = await world.ready()
    const stream = await subscribed(world, client)
    const code = 'SUBSCRIPTION_SCHEMA_RELOAD'
    stream.finish('reloaded', { errors: [{ message: 'Subscribe again.', extensions: { code } }] })
    expect(await client.outcome('s')).toMatchObject([{ type: 'error', payload: [{ extensions: { code } }] }])
    client.subscribe('1', '{ greeting }')
    expect(await client.outcome('1')).toHaveLength(2)
  })

  it('by a stop of the instance closes the socket with 1001', async () => {
    const world = await createWorld()
    const client = await world.ready()
    const stream = await subscribed(world, client)
    stream.finish('shutdown', { errors: [{ message: 'Stopping.', extensions: { code: 'SHUTTING_DOWN' } }] })
    expect((await client.outcome('s')).map(({ type }) => type)).toEqual(['error'])
    expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' })
  })
})

describe('a drain', () => {
  it('closes idle sockets and subscriptions at once with 1001', async () => {
    const world = await createWorld({ drainTimeoutMs: 60_000 })
    const [idle, silent, subscriber] = [await world.ready(), await world.open(), await world.ready()]
    const stream = await subscribed(world, subscriber)

    await world.server.close()

    for (const { closed } of [idle, silent, subscriber]) expect(await closed).toMatchObject({ code: 1001 })
    expect(await stream.over).toBe('stopped')
  })

  it('lets operations in flight have their answer first, and takes no new ones', async () => {
    const world = await createWorld({ drainTimeoutMs: 60_000 })
    const client = await world.ready()
    const waiting = world.whenWaiting(2)
    client.subscribe('1', 'query Waits { greeting }')
    client.subscribe('2', 'query Waits { greeting }')
    await waiting

    const closed = world.server.close()
    client.subscribe('late', '{ greeting }')
    const [refused] = await client.outcome('late')
    world.release()

    expect(refused?.payload).toMatchObject([{ extensions: { code: 'SHUTTING_DOWN', retryAfterSeconds: 1 } }])
    const messages = [await client.next(), await client.next(), await client.next(), await client.next()]
    expect(messages.map(({ id, type }) => `${String(id)} ${type}`)).toEqual([
      '1 next',
      '1 complete',
      '2 next',
      '2 complete',
    ])
    expect(await client.closed).toMatchObject({ code: 1001 })
    await closed
  })

  it('ends operations that hang with an error once its time is over', async () => {
    const world = await createWorld({ drainTimeoutMs: 50 })
    const client = await world.ready()
    const waiting = world.whenWaiting(1)
    client.subscribe('1', 'query Waits { greeting }')
    await waiting

    await world.server.close()

    expect(await client.outcome('1')).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'SHUTTING_DOWN' } }] },
    ])
    expect(await client.closed).toMatchObject({ code: 1001 })
  })

  it('is not held up by a client that does not answer a close', async () => {
    const world = await createWorld({ drainTimeoutMs: 100 })
    const client = await world.ready()
    client.socket.pause()
    await world.server.close()
    client.socket.resume()
    expect([1001, 1006]).toContain((await client.closed).code)
  })
})

describe('a client', () => {
  it('that reads gets all events of a subscription, however many come at once', async () => {
    const world = await createWorld({ webSocket: { sendBufferBytes: 100_000 } })
    const client = await world.ready()
    const stream = await subscribed(world, client)
    const large = { data: { ticks: 'x'.repeat(1_000_000) } }
    for (let index = 0; index < 20; index += 1) stream.push(large)
    stream.finish('completed')

    const types = (await client.outcome('s')).map(({ type }) => type)
    expect(types).toEqual([...Array<string>(20).fill('next'), 'complete'])
  })

  it('that does not read leaves events at their source, and is closed with 4008 after a while', async () => {
    const world = await createWorld({ webSocket: { pongTimeoutMs: 500 } })
    const client = await world.ready()
    const stream = await subscribed(world, client)
    client.socket.pause()
    const large = { data: { ticks: 'x'.repeat(1_000_000) } }
    for (let index = 0; index < 40; index += 1) stream.push(large)

    expect(await stream.over).toBe('stopped')
    client.socket.resume()
    expect(await client.closed).toEqual({ code: 4008, reason: 'Reads too slowly' })
  })

  it('that does not read the answers it asks for is closed with 4008', async () => {
    const world = await createWorld({ webSocket: { sendBufferBytes: 100_000 } })
    const client = await world.ready()
    const stream = await subscribed(world, client)
    client.socket.pause()
    const query = `{ greeting(name: "${'x'.repeat(60_000)}") }`
    for (let index = 0; index < 500; index += 1) client.subscribe(`q${String(index)}`, query)

    expect(await stream.over).toBe('stopped')
    client.socket.resume()
    expect(await client.closed).toEqual({ code: 4008, reason: 'Reads too slowly' })
  })

  it('on which nothing comes any more, no pong either, is cut off', async () => {
    const world = await createWorld({ webSocket: { pingIntervalMs: 50, pongTimeoutMs: 1_500 } })
    const client = await world.open({ autoPong: false })
    const alive = await world.open()
    await client.init()
    await alive.init()
    const stream = await subscribed(world, client)

    expect(await client.closed).toMatchObject({ code: 1006 })
    expect(await stream.over).toBe('stopped')
    alive.send({ type: 'ping' })
    expect((await alive.next()).type).toBe('pong')
  })

  it('that leaves ends the work of its operations', async () => {
    const world = await createWorld()
    const client = await world.ready()
    const waiting = world.whenWaiting(1)
    client.subscribe('1', 'query Waits { greeting }')
    await waiting
    const ended = new Promise((resolve) => void world.received[0]?.deadline.onEnd(resolve))
    client.socket.terminate()
    expect(await ended).toBe('client-left')
  })

  it('behind a trusted proxy is known by its own address', async () => {
    const world = await createWorld({ trustedProxies: ['127.0.0.1'], webSocket: { socketsPerAddress: 1 } })
    const from = (address: string) => world.open({ headers: { 'x-forwarded-for': address } })
    const first = await from('192.0.2.1')
    await first.init()
    first.subscribe('1', '{ greeting }')
    await first.outcome('1')
    const second = await from('192.0.2.1').catch((error: unknown) => error)
    await from('192.0.2.2')
    expect(world.received[0]?.client.address).toBe('192.0.2.1')
    expect(second).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    first.socket.close()
    await first.closed
    await from('192.0.2.1')
  })

  it('of one IPv6 network counts as one', async () => {
    const world = await createWorld({ trustedProxies: ['127.0.0.1'], webSocket: { socketsPerAddress: 1 } })
    const from = (address: string) => world.open({ headers: { 'x-forwarded-for': address } })
    await from('2001:db8::1')
    await expect(from('2001:db8::ffff')).rejects.toBeInstanceOf(RefusedHandshake)
    await from('2001:db8:0:1::1')
  })
})

describe('the listener', () => {
  it('counts its sockets, over all of them and for metrics', async () => {
    const shown: number[] = []
    const metrics = { ...NO_METRICS, showOpenSockets: (open: number) => shown.push(open) }
    const world = await createWorld({ webSocket: { sockets: 2 } }, { metrics })
    const [first] = [await world.open(), await world.open()]
    const refused = await world.open().catch((error: unknown) => error)
    expect(refused).toMatchObject({ status: 503, code: 'REQUEST_CONCURRENCY_LIMITED' })
    first.socket.close()
    await first.closed
    await world.open()
    expect(shown).toEqual([1, 2, 1, 2])
  })

  it('counts operations among the requests in flight, in both directions', async () => {
    const world = await createWorld({ limits: { concurrentRequests: 1 } })
    const client = await world.ready()
    const waiting = world.whenWaiting(1)
    client.subscribe('1', 'query Waits { greeting }')
    await waiting
    client.subscribe('2', '{ greeting }')
    const overHttp = await fetch(`${world.url}/graphql?query={greeting}`, {
      headers: { 'apollo-require-preflight': '1' },
    })
    expect((await client.outcome('2'))[0]).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'REQUEST_CONCURRENCY_LIMITED' } }],
    })
    expect(overHttp.status).toBe(503)
    world.release()
  })

  it('answers operations with SUPERGRAPH_UNAVAILABLE until there is a graph', async () => {
    const world = await createWorld({}, { current: () => undefined })
    const client = await world.ready()
    client.subscribe('1', '{ greeting }')
    expect(await client.outcome('1')).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'SUPERGRAPH_UNAVAILABLE' } }] },
    ])
  })

  it('refuses handshakes while it drains', async () => {
    const world = await createWorld({ idleDrainMs: 1_000, drainTimeoutMs: 60_000 })
    const client = await world.ready()
    const waiting = world.whenWaiting(1)
    client.subscribe('1', 'query Waits { greeting }')
    await waiting
    // A connection that was there before: new ones are not taken at all.
    const { connect } = await import('node:net')
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1')
    await once(socket, 'connect')
    await fetch(`${world.url}/health/live`)
    world.server.beginDrain()
    socket.write(
      'GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n',
    )
    const [head] = (await once(socket, 'data')) as [Buffer]
    expect(head.toString()).toMatch(/^HTTP\/1\.1 503 [\s\S]*retry-after: 1[\s\S]*SHUTTING_DOWN/)
    world.release()
  })

  it('does not upgrade where it is told so', async () => {
    const world = await createWorld({ webSocket: { enabled: false } })
    await expect(world.open()).rejects.toMatchObject({ status: 400 })
  })

  it('keeps the id of a handshake, and names operations after it', async () => {
    const world = await createWorld()
    const client = await world.open({ headers: { 'x-request-id': 'mine-12345' } })
    await client.init()
    client.subscribe('a', '{ greeting }')
    await client.outcome('a')
    client.subscribe('b', '{ greeting }')
    await client.outcome('b')
    expect(world.received.map(({ requestId }) => requestId)).toEqual(['mine-12345-1', 'mine-12345-2'])
  })

  it('writes a line for each operation and for the socket, and no credential into any', async () => {
    const { logger, lines } = createKeepingLogger()
    const counted: object[] = []
    const metrics = { ...NO_METRICS, countRequest: (facts: object) => counted.push(facts) }
    const world = await createWorld({}, { logger, metrics })
    const client = await world.open({ headers: { 'x-request-id': 'socket-12345' } })
    await client.init({ authorization: 'Bearer planted-secret' })
    client.subscribe('1', 'query Hello { greeting }')
    await client.outcome('1')
    client.subscribe('2', '{ nothing }')
    await client.outcome('2')
    const written = new Promise<void>((resolve) => {
      logger.info = (facts, message) => {
        logger.debug(facts, message)
        if (message === 'socket closed') resolve()
      }
    })
    client.socket.close(1000)
    await written

    const { facts } = lines.find(({ facts }) => facts['requestId'] === 'socket-12345-1') ?? { facts: {} }
    expect(facts).toMatchObject({ method: 'WS', route: '/graphql', status: 200, operationName: 'Hello' })
    expect(lines.find(({ facts }) => facts['requestId'] === 'socket-12345-2')?.facts).toMatchObject({
      status: 400,
      errorCodes: ['GRAPHQL_VALIDATION_FAILED'],
    })
    expect(lines.at(-1)).toMatchObject({ facts: { requestId: 'socket-12345', code: 1000, operations: 2 } })
    expect(JSON.stringify(lines)).not.toContain('planted-secret')
    expect(counted).toMatchObject([
      { frontEnd: 'websocket', status: 200 },
      { frontEnd: 'websocket', status: 400 },
    ])
  })
})
