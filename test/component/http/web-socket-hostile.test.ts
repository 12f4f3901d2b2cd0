import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import {
  answer,
  createRecordingSubgraph,
  startGateway,
  stopAfterAll,
  type EmbeddedGateway,
  type RecordingSubgraph,
} from '../../support/embedded-gateway.js'
import { askGraphql } from '../../support/graphql-client.js'
import { openSocket, parseResponse, sendRaw } from '../../support/raw-http.js'
import { createSignedIn } from '../../support/signed-in.js'
import {
  closeSockets,
  openSocketClient,
  RefusedHandshake,
  type SocketClient,
  type SocketOptions,
} from '../../support/socket-client.js'

/**
 * What a hostile client may try (notes: advisories against GraphQL servers over WebSocket). Each attack must end as the
 * table says, reach no subgraph where it is refused, and leave the server answering HTTP.
 */

stopAfterAll()

const FRIEND = 'https://app.example'
const signedIn = createSignedIn()
const TYPES = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@requiresScopes"])
  type Query {
    greeting: String
    secret: String @requiresScopes(scopes: [["secret:read"]])
    self: Self
  }
  type Self { self: Self name: String }
  type Mutation { touch: String }
`
const SAFE = '{ greeting }'
const OPERATIONS = 3
const PER_ADDRESS = 5

let gateway: EmbeddedGateway
let subgraph: RecordingSubgraph
let hold: (() => void)[]

beforeAll(async () => {
  subgraph = await createRecordingSubgraph({ greeting: 'hello', secret: 'xyzzy', touch: 'done' })
  gateway = await startGateway(
    { own: { url: subgraph.url, typeDefs: TYPES } },
    {
      config: {
        identity: { issuers: [signedIn.issuer], cookie: { name: 's', origins: [FRIEND] } },
        documents: { introspection: { allow: 'scoped' } },
        limits: { requests: { perWindow: { anonymous: 100_000, free: 3 } } },
        execution: { shareInFlight: false },
        server: {
          cors: { origins: [FRIEND] },
          webSocket: {
            initTimeoutMs: 1_000,
            operationsPerSocket: OPERATIONS,
            socketsPerAddress: PER_ADDRESS,
          },
        },
      },
    },
  )
})

const behaveWell = (): void => {
  subgraph.behave = (response) => answer(response, { greeting: 'hello', secret: 'xyzzy', touch: 'done' })
}

beforeEach(() => {
  hold = []
  behaveWell()
})

afterEach(() => {
  behaveWell()
  for (const release of hold.splice(0)) release()
  closeSockets()
})

/** From now on the subgraph answers only when the test is over; resolves at the first request. */
function holdSubgraph(): Promise<void> {
  return new Promise((resolve) => {
    subgraph.behave = (response) => {
      hold.push(() => answer(response, { greeting: 'late' }))
      resolve()
    }
  })
}

const opened = (options?: SocketOptions): Promise<SocketClient> => openSocketClient(gateway.url, options)
const ready = async (payload?: object): Promise<SocketClient> => {
  const client = await opened()
  await client.init(payload)
  return client
}

/** What became of it, in one text: `closed 4400`, `refused 403 FORBIDDEN`, `error CODE`, `next {…}`. */
type Attack = () => Promise<string>

const closing = async ({ closed }: SocketClient): Promise<string> => `closed ${String((await closed).code)}`

const afterInit =
  (act: (client: SocketClient) => void): Attack =>
  async () => {
    const client = await ready()
    act(client)
    return closing(client)
  }

const sending = (message: unknown): Attack => afterInit((client) => client.send(message))

const introducing =
  (payload: unknown, options?: SocketOptions): Attack =>
  async () => {
    const client = await opened(options)
    client.send({ type: 'connection_init', payload })
    return closing(client)
  }

const handshake =
  (options: SocketOptions): Attack =>
  async () => {
    const refused = await opened(options).catch((error: unknown) => error)
    if (!(refused instanceof RefusedHandshake)) return 'opened'
    expect(refused.headers['content-type']).toBe('application/problem+json')
    expect(refused.headers['x-request-id']).toMatch(/^[\w-]{36}$/)
    return `refused ${String(refused.status)} ${refused.code}`
  }

const asking =
  (query: string, more: object = {}): Attack =>
  async () => {
    const client = await ready()
    client.subscribe('1', query, more)
    const [first] = await client.outcome('1')
    return first?.type === 'error'
      ? `error ${String(first.payload[0].extensions.code)}`
      : `next ${JSON.stringify(first?.payload.data)}`
  }

/** A frame of RFC 6455 §5.2, masked as a client has to. */
function frame(firstByte: number, payload: Buffer, isMasked = true): Buffer {
  const length =
    payload.length < 126
      ? Buffer.from([payload.length])
      : Buffer.from([126, payload.length >> 8, payload.length & 0xff])
  length[0] = (length[0] ?? 0) | (isMasked ? 0x80 : 0)
  const mask = randomBytes(4)
  const body = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return Buffer.concat([Buffer.from([firstByte]), length, ...(isMasked ? [mask, body] : [payload])])
}

const TEXT = 0x81
const frames = (...written: readonly Buffer[]): Attack =>
  afterInit(({ socket }) => {
    const { _socket } = socket as unknown as { _socket: Duplex }
    for (const each of written) _socket.write(each)
  })

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const selfish = (levels: number): string => `{ ${'self { '.repeat(levels)} name ${'}'.repeat(levels)} }`
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
const HASH = (text: string) => createHash('sha256').update(text).digest('hex')

async function rawHandshake(lines: readonly string[], path = '/graphql'): Promise<string> {
  const { status, body, headers } = await sendRaw(
    gateway.port,
    [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: Upgrade, close', ...lines, '', ''].join('\r\n'),
  )
  expect(headers['x-request-id']).toBeDefined()
  return `refused ${String(status)} ${(JSON.parse(body) as { code: string }).code}`
}

const UPGRADE = ['Upgrade: websocket', 'Sec-WebSocket-Protocol: graphql-transport-ws']
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='

const ATTACKS: readonly (readonly [attack: string, outcome: string, act: Attack])[] = [
  // Before anybody is known.
  [
    'an operation before connection_init (CVE-2026-35523)',
    'closed 4401',
    async () => {
      const client = await opened()
      client.subscribe('1', SAFE)
      return closing(client)
    },
  ],
  [
    'an operation in one packet with connection_init',
    'closed 4401',
    async () => {
      const client = await opened({ headers: bearer(signedIn.createToken({ sub: 'u-fast' })) })
      client.send({ type: 'connection_init' })
      client.subscribe('1', SAFE)
      return closing(client)
    },
  ],
  ['no connection_init at all', 'closed 4408', async () => closing(await opened())],
  [
    'a second connection_init with another credential',
    'closed 4429',
    sending({ type: 'connection_init', payload: bearer('x.y.z') }),
  ],
  ['the old protocol’s start', 'closed 4400', sending({ type: 'start', id: '1', payload: { query: SAFE } })],
  ['the old protocol’s connection_terminate', 'closed 4400', sending({ type: 'connection_terminate' })],
  ['the old subprotocol', 'refused 400 BAD_REQUEST', handshake({ protocols: 'graphql-ws' })],
  ['no subprotocol', 'closed 4406', async () => closing(await opened({ protocols: [] }))],

  // Handshakes.
  ['a page of another site', 'refused 403 FORBIDDEN', handshake({ origin: 'https://evil.example' })],
  [
    'a page of another site that rides a cookie',
    'refused 403 FORBIDDEN',
    () => handshake({ origin: 'https://evil.example', headers: { cookie: `s=${signedIn.createToken()}` } })(),
  ],
  ['a page without an origin', 'refused 403 FORBIDDEN', handshake({ origin: 'null' })],
  [
    'an origin that begins like a good one',
    'refused 403 FORBIDDEN',
    handshake({ origin: `${FRIEND}.evil.example` }),
  ],
  ['an origin in another case', 'refused 403 FORBIDDEN', handshake({ origin: FRIEND.toUpperCase() })],
  [
    'a cookie with nothing that says which page sent it',
    'closed 4403',
    () => introducing(undefined, { headers: { cookie: `s=${signedIn.createToken()}` } })(),
  ],
  [
    'more header fields than are read',
    'refused 431 HEADERS_TOO_LARGE',
    () =>
      rawHandshake([
        ...UPGRADE,
        KEY,
        'Sec-WebSocket-Version: 13',
        ...Array.from({ length: 120 }, (_, index) => `X-${String(index)}: 1`),
      ]),
  ],
  [
    'two Authorization headers',
    'refused 400 BAD_REQUEST',
    () =>
      rawHandshake([
        ...UPGRADE,
        KEY,
        'Sec-WebSocket-Version: 13',
        'Authorization: Bearer a',
        'Authorization: Bearer b',
      ]),
  ],
  ['no key', 'refused 400 BAD_REQUEST', () => rawHandshake([...UPGRADE, 'Sec-WebSocket-Version: 13'])],
  [
    'a version that nobody speaks',
    'refused 400 BAD_REQUEST',
    () => rawHandshake([...UPGRADE, KEY, 'Sec-WebSocket-Version: 99']),
  ],
  [
    'another path',
    'refused 404 NOT_FOUND',
    () => rawHandshake([...UPGRADE, KEY, 'Sec-WebSocket-Version: 13'], '/graphql/../x'),
  ],
  [
    'sockets without end, under forged addresses',
    'refused 503 REQUEST_CONCURRENCY_LIMITED',
    async () => {
      const forged = (index: number) => ({ headers: { 'x-forwarded-for': `10.0.0.${String(index)}` } })
      await Promise.all(Array.from({ length: PER_ADDRESS }, (_, index) => opened(forged(index))))
      return handshake(forged(99))()
    },
  ],

  // Credentials.
  ['a token of nobody', 'closed 4403', () => introducing(bearer(createSignedIn().createToken()))()],
  [
    'a token of nobody in the handshake',
    'closed 4403',
    () => introducing(undefined, { headers: bearer(createSignedIn().createToken()) })(),
  ],
  ['an expired token', 'closed 4403', () => introducing(bearer(signedIn.createToken({ iat: 1, exp: 2 })))()],
  [
    'a token that says alg none',
    'closed 4403',
    introducing(bearer(`${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`)),
  ],
  ['an empty credential', 'closed 4403', introducing({ authorization: '' })],
  [
    'a credential that is a list',
    'closed 4403',
    () => introducing({ authorization: [`Bearer ${signedIn.createToken()}`] })(),
  ],
  ['an API key where there are none', 'closed 4403', introducing({ 'X-API-Key': 'gk_live_nobody' })],
  [
    'both kinds of credentials',
    'closed 4403',
    () => introducing({ ...bearer(signedIn.createToken()), 'x-api-key': 'k' })(),
  ],
  [
    'one kind in the handshake, the other in the payload',
    'closed 4403',
    () => introducing({ 'x-api-key': 'k' }, { headers: bearer(signedIn.createToken()) })(),
  ],
  [
    'two tokens',
    'closed 4403',
    () =>
      introducing(bearer(signedIn.createToken({ sub: 'u-2' })), {
        headers: bearer(signedIn.createToken()),
      })(),
  ],
  [
    'a token under two spellings',
    'closed 4403',
    () => introducing({ ...bearer(signedIn.createToken()), authorization: 'Bearer x' })(),
  ],
  ['a huge token', 'closed 4403', introducing(bearer(`a.b.${'x'.repeat(20_000)}`))],

  // Frames and messages that kill servers (CVE-2023-22477).
  ['no JSON', 'closed 4400', sending('{')],
  ['null', 'closed 4400', sending('null')],
  ['a subscribe with a null payload', 'closed 4400', sending({ type: 'subscribe', id: '1', payload: null })],
  [
    'a batch',
    'closed 4400',
    sending({ type: 'subscribe', id: '1', payload: [{ query: SAFE }, { query: SAFE }] }),
  ],
  [
    'a message nested 10,000 levels deep',
    'closed 4400',
    sending(`{"type":"ping","payload":${deep(10_000)}}`),
  ],
  [
    'variables nested 10,000 levels deep',
    'closed 4400',
    sending(`{"type":"subscribe","id":"1","payload":{"query":"${SAFE}","variables":${deep(10_000)}}}`),
  ],
  ['a binary message', 'closed 4400', afterInit(({ socket }) => socket.send(Buffer.from('{"type":"ping"}')))],
  [
    'more messages than anybody answers',
    'closed 1008',
    async () => {
      const client = await opened()
      for (let index = 0; index <= 2_000; index += 1) client.send('{"type":"pong"}')
      return closing(client)
    },
  ],
  ['text that is not UTF-8', 'closed 1007', frames(frame(TEXT, Buffer.from([0x22, 0xc3, 0x28, 0x22])))],
  ['a message over 64 kB', 'closed 1009', sending({ type: 'ping', payload: { a: 'x'.repeat(65_536) } })],
  [
    'a message over 64 kB in pieces',
    'closed 1009',
    frames(frame(0x01, Buffer.alloc(40_000, 'x')), frame(0x80, Buffer.alloc(40_000, 'x'))),
  ],
  [
    'fragments without end',
    'closed 1008',
    () =>
      frames(
        frame(0x01, Buffer.from('{')),
        Buffer.concat(Array.from({ length: 17_000 }, () => frame(0x00, Buffer.alloc(0)))),
      )(),
  ],
  ['a frame without a mask', 'closed 1002', frames(frame(TEXT, Buffer.from('{"type":"ping"}'), false))],
  ['a frame that says it is compressed', 'closed 1002', frames(frame(TEXT | 0x40, Buffer.from('x')))],
  ['an unknown kind of frame', 'closed 1002', frames(frame(0x83, Buffer.from('x')))],
  ['a close frame with a code that is none', 'closed 1002', frames(frame(0x88, Buffer.from([0x00, 0x01])))],

  // Limits and policies are those of POST.
  [
    'operations without end (CVE-2026-35526)',
    'error REQUEST_CONCURRENCY_LIMITED',
    async () => {
      const client = await ready()
      void holdSubgraph()
      for (let index = 0; index <= OPERATIONS; index += 1) client.subscribe(String(index), SAFE)
      const { id, payload } = await client.next()
      expect([id, payload[0].extensions.retryAfterSeconds]).toEqual([String(OPERATIONS), 1])
      return `error ${String(payload[0].extensions.code)}`
    },
  ],
  [
    'operations that are given up at once, without end',
    'error REQUEST_CONCURRENCY_LIMITED',
    async () => {
      const client = await ready()
      for (let index = 0; index < 10 * OPERATIONS; index += 1) {
        client.subscribe(String(index), SAFE)
        client.send({ type: 'complete', id: String(index) })
      }
      const { payload } = await client.next()
      return `error ${String(payload[0].extensions.code)}`
    },
  ],
  [
    'an id twice',
    'closed 4409',
    afterInit((client) => {
      void holdSubgraph()
      client.subscribe('1', SAFE)
      client.subscribe('1', SAFE)
    }),
  ],
  ['depth (CVE-2026-30241)', 'error MAX_DEPTH_LIMIT', asking(selfish(20))],
  [
    'aliases',
    'error MAX_ALIASES_LIMIT',
    asking(`{ self { ${Array.from({ length: 31 }, (_, index) => `a${String(index)}: name`).join(' ')} } }`),
  ],
  ['tokens', 'error MAX_TOKENS_LIMIT', asking(`{ ${'greeting '.repeat(3_000)} }`)],
  ['introspection (WS-2020-0105)', 'error INTROSPECTION_DISABLED', asking('{ __schema { types { name } } }')],
  [
    'two operations and no name',
    'error OPERATION_RESOLUTION_FAILURE',
    asking('query A { greeting } query B { greeting }'),
  ],
  [
    'a hash that is not that of the text',
    'error PERSISTED_QUERY_HASH_MISMATCH',
    asking(SAFE, { extensions: { persistedQuery: { version: 1, sha256Hash: HASH('x') } } }),
  ],
  ['a protected field', 'next {"greeting":"hello","secret":null}', asking('{ greeting secret }')],
]

describe('a hostile client on a socket', () => {
  it('is tried in more than the 22 ways that are promised', () => {
    expect(ATTACKS.length).toBeGreaterThanOrEqual(22)
  })

  it.each(ATTACKS)('with %s gets: %s', async (_attack, outcome, act) => {
    subgraph.seen.splice(0)

    expect(await act()).toBe(outcome)

    const isRefused =
      !outcome.startsWith('next') && !outcome.includes('CONCURRENCY') && outcome !== 'closed 4409'
    if (isRefused) expect(subgraph.seen).toEqual([])
    for (const { body } of subgraph.seen) expect(body).not.toContain('secret')
    behaveWell()
    for (const release of hold.splice(0)) release()
    expect((await askGraphql(gateway.url, SAFE)).data).toEqual({ greeting: 'hello' })
    expect(Reflect.ownKeys(Object.prototype)).not.toContain('polluted')
  })
})

describe('policies on a socket', () => {
  it('give up what nobody waits for, when a client vanishes in the middle of an operation', async () => {
    const client = await ready()
    const held = holdSubgraph()
    client.subscribe('1', SAFE)
    await held
    client.socket.terminate()
    await client.closed
    behaveWell()
    expect((await askGraphql(gateway.url, SAFE)).status).toBe(200)
  })

  it('take identity from the credential only, and put it into no message', async () => {
    const token = signedIn.createToken({ sub: 'u-7', scope: 'secret:read' })
    const client = await openSocketClient(gateway.url, { headers: { 'x-user-id': 'admin' } })
    await client.init({ ...bearer(token), 'x-user-id': 'admin', 'X-User-Scopes': 'admin', __proto__: null })
    subgraph.seen.splice(0)

    client.subscribe('1', '{ secret }')

    expect((await client.outcome('1'))[0]?.payload).toEqual({ data: { secret: 'xyzzy' } })
    expect(subgraph.seen.map(({ headers }) => headers['x-user-id'])).toEqual(['u-7'])
    expect(subgraph.seen[0]?.headers['x-request-id']).toMatch(/^[\w-]{36}-1$/)
  })

  it('let a listed page use its cookie', async () => {
    const token = signedIn.createToken({ sub: 'u-8', scope: 'secret:read' })
    const client = await opened({ origin: FRIEND, headers: { cookie: `s=${token}` } })
    await client.init()
    client.subscribe('1', '{ secret }')
    expect((await client.outcome('1'))[0]?.payload).toEqual({ data: { secret: 'xyzzy' } })
  })

  it('count operations as requests, over both ways, and say when to come again', async () => {
    const token = signedIn.createToken({ sub: 'u-9' })
    const client = await ready(bearer(token))
    expect((await askGraphql(gateway.url, SAFE, { token })).status).toBe(200)
    for (const id of ['1', '2']) {
      client.subscribe(id, SAFE)
      expect((await client.outcome(id))[0]?.type).toBe('next')
    }

    client.subscribe('3', SAFE)

    const [refused] = await client.outcome('3')
    expect(refused).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'REQUEST_RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }],
    })
    expect((await askGraphql(gateway.url, SAFE, { token })).status).toBe(429)
  })

  it.each([
    ['with an empty query', { query: '' }],
    ['without a query', {}],
  ])('know persisted documents by hash, %s', async (_case, absent) => {
    const query = `query Known { greeting } # ${randomBytes(4).toString('hex')}`
    const extensions = { persistedQuery: { version: 1, sha256Hash: HASH(query) } }
    const client = await ready()
    client.send({ id: '1', type: 'subscribe', payload: { ...absent, extensions } })
    expect((await client.outcome('1'))[0]).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    })
    client.subscribe('2', query, { extensions })
    await client.outcome('2')

    client.send({ id: '3', type: 'subscribe', payload: { ...absent, extensions } })

    expect((await client.outcome('3'))[0]?.payload).toEqual({ data: { greeting: 'hello' } })
  })

  it('answer pings by the thousand', async () => {
    const client = await ready()
    for (let index = 0; index < 1_000; index += 1) client.send({ type: 'ping', payload: { index } })
    for (let index = 0; index < 1_000; index += 1) {
      expect(await client.next()).toEqual({ type: 'pong', payload: { index } })
    }
  })
})

describe('an offer to upgrade that is no handshake', () => {
  it('is ignored, as Java’s client and curl --http2 need it', async () => {
    const body = JSON.stringify({ query: SAFE })
    const socket = await openSocket(gateway.port)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    const head = (connection: string) =>
      [
        'POST /graphql HTTP/1.1',
        'Host: x',
        'Content-Type: application/json',
        `Content-Length: ${String(body.length)}`,
        ...(connection === 'close' ? [] : ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA']),
        `Connection: ${connection}`,
        '',
        '',
      ].join('\r\n')
    // The body in two packets: the second one comes when the head has been given back already.
    socket.write(head('Upgrade, HTTP2-Settings') + body.slice(0, 5))
    await new Promise(setImmediate)
    socket.write(body.slice(5))
    await once(socket, 'data')
    socket.write(head('close') + body)
    await once(socket, 'close')

    const [first = '', second = ''] = Buffer.concat(chunks)
      .toString()
      .split(/(?=HTTP\/1\.1 )/)
    for (const text of [first, second]) {
      expect(parseResponse(text)).toMatchObject({ status: 200, body: '{"data":{"greeting":"hello"}}' })
    }
  })

  it('is ignored as often as it comes on one connection, at no cost that stays', async () => {
    const warnings: Error[] = []
    const keep = (warning: Error) => warnings.push(warning)
    process.on('warning', keep)
    const socket = await openSocket(gateway.port)
    for (let round = 0; round < 15; round += 1) {
      socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      expect(parseResponse(chunk.toString()).status).toBe(200)
    }
    socket.destroy()
    process.off('warning', keep)
    expect(warnings).toEqual([])
  })

  it('to a WebSocket by POST is a POST', async () => {
    const body = JSON.stringify({ query: SAFE })
    const head = [
      'POST /graphql HTTP/1.1',
      'Host: x',
      ...UPGRADE,
      'Connection: Upgrade, close',
      'Content-Type: application/json',
      `Content-Length: ${String(body.length)}`,
    ]
    expect(await sendRaw(gateway.port, [...head, '', body].join('\r\n'))).toMatchObject({
      status: 200,
      body: '{"data":{"greeting":"hello"}}',
    })
  })
})
