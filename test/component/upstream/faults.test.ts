import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { JSON_HEAD, honest, says, type Behaviour } from './lying-subgraph.js'
import { closeWorldsAfterEach, createCall, createWorld, refusalOf } from './upstream-world.js'

closeWorldsAfterEach()

const GRAPHQL = 'application/graphql-response+json'
const JSON_TYPE = 'application/json'
const OK = '{"data":{"ok":true}}'
const SECRET = 'pa55word at /srv/app/index.js'

const raw =
  (text: string): Behaviour =>
  (_response, socket) =>
    socket.end(text)

const floods: Behaviour = (response) => {
  response.writeHead(200, JSON_HEAD)
  const chunk = Buffer.alloc(1_000_000, 0x20)
  const pour = () => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', pour)
  }
  pour()
}

const resetsMidBody: Behaviour = (response, socket) => {
  response.writeHead(200, { ...JSON_HEAD, 'content-length': 100 })
  response.write('{"data":', () => socket.resetAndDestroy())
}

const nestedEncodings = Array.from({ length: 40 }, () => 'gzip').join(', ')

/** notes: security §4, row by row; the third column is the code of the refusal. */
const FAULTS: readonly (readonly [string, Behaviour, string])[] = [
  ['500 HTML', says(500, 'text/html', `<pre>${SECRET}</pre>`), 'SUBREQUEST_HTTP_ERROR'],
  ['500 JSON without the shape', says(500, JSON_TYPE, `{"error":"${SECRET}"}`), 'SUBREQUEST_HTTP_ERROR'],
  ['200 HTML', says(200, 'text/html', `<pre>${SECRET}</pre>`), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['text/plain JSON', says(200, 'text/plain', OK), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['204', (response) => response.writeHead(204).end(), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['empty 200', (response) => response.writeHead(200).end(), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['empty JSON 200', says(200, JSON_TYPE, ''), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['502', says(502, 'text/html', SECRET), 'SUBREQUEST_HTTP_ERROR'],
  [
    '503 with Retry-After',
    says(503, JSON_TYPE, '{"errors":[]}', { 'retry-after': '9' }),
    'SUBREQUEST_HTTP_ERROR',
  ],
  ['429', says(429, 'text/plain', SECRET), 'SUBREQUEST_HTTP_ERROR'],
  ['401 JSON without the shape', says(401, JSON_TYPE, '{"message":"no"}'), 'SUBREQUEST_HTTP_ERROR'],
  ['invalid JSON', says(200, JSON_TYPE, `{"data":${SECRET}`), 'SUBREQUEST_MALFORMED_RESPONSE'],
  [
    'truncated body',
    raw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"data"'),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  ['reset mid-body', resetsMidBody, 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['reset before headers', (_response, socket) => socket.resetAndDestroy(), 'SUBREQUEST_HTTP_ERROR'],
  ['garbage HTTP', raw('HELO subgraph\r\n\r\n'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  [
    '100 kB of headers',
    says(200, JSON_TYPE, OK, { 'x-filler': 'a'.repeat(100_000) }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  ['an endless answer', floods, 'SUBREQUEST_MALFORMED_RESPONSE'],
  [
    'a content-length over the limit',
    (response) => {
      response.writeHead(200, { ...JSON_HEAD, 'content-length': 300_000_000 }).flushHeaders()
    },
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    '40 nested encodings',
    says(200, JSON_TYPE, OK, { 'content-encoding': nestedEncodings }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'encoding sent twice',
    says(200, JSON_TYPE, OK, { 'content-encoding': ['gzip', 'gzip'] }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'unknown encoding',
    says(200, JSON_TYPE, OK, { 'content-encoding': 'rot13' }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'not the encoding it says',
    says(200, JSON_TYPE, OK, { 'content-encoding': 'gzip' }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'truncated gzip',
    says(200, JSON_TYPE, gzipSync(OK).subarray(0, 20), { 'content-encoding': 'gzip' }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  ['empty object', says(200, JSON_TYPE, '{}'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['null', says(200, JSON_TYPE, 'null'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['list', says(200, JSON_TYPE, '[]'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['a number', says(200, JSON_TYPE, '7'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['data is a list', says(200, JSON_TYPE, '{"data":[]}'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['data is a text', says(200, JSON_TYPE, '{"data":"x"}'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['null data without an error', says(200, JSON_TYPE, '{"data":null}'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  [
    'errors is not a list',
    says(200, JSON_TYPE, '{"data":{},"errors":{"message":"x"}}'),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'errors of wrong entries',
    says(200, JSON_TYPE, '{"data":{},"errors":["x"]}'),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
]

describe('a subgraph that lies', () => {
  it.each(FAULTS)(
    '%s is refused by code, tells nothing, and the next answer is taken',
    async (_name, behave, code) => {
      const { upstream, subgraph } = await createWorld(behave)

      const refusal = await refusalOf(upstream.call(createCall()))
      subgraph.behave = honest
      const next = await upstream.call(createCall())

      expect(refusal.code).toBe(code)
      expect(refusal.extensions).toEqual({ service: 'shop' })
      expect(refusal.message).not.toMatch(/127\.0\.0\.1|http:|pa55word|\d{4}/)
      expect(next.data).toEqual({ ok: true })
    },
  )

  it('does not follow a redirect', async () => {
    const other = await createWorld(honest)
    const { upstream } = await createWorld((response) => {
      response.writeHead(307, { ...JSON_HEAD, location: other.subgraph.url }).end(OK)
    })

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBREQUEST_HTTP_ERROR')
    expect(other.subgraph.requests).toHaveLength(0)
  })

  it('does not inflate a gzip or brotli bomb beyond the limit', async () => {
    // Good JSON once inflated, so that nothing but its size can be held against it.
    const zeros = Buffer.alloc(64_000_000, 0x20)
    zeros.write(OK)
    for (const [encoding, bomb] of [
      ['gzip', gzipSync(zeros)],
      ['br', brotliCompressSync(zeros.subarray(0, 16_000_000))],
    ] as const) {
      const { upstream } = await createWorld(says(200, JSON_TYPE, bomb, { 'content-encoding': encoding }))

      const refusal = await refusalOf(upstream.call(createCall()))

      expect(refusal.code).toBe('SUBREQUEST_MALFORMED_RESPONSE')
    }
  })

  it('says that a closed port cannot be reached', async () => {
    const { upstream, subgraph } = await createWorld(honest)
    await subgraph.close()

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBREQUEST_HTTP_ERROR')
    expect(refusal.message).not.toMatch(/127|ECONN/)
  })

  it('keeps the reason in the log, without address and without the reply', async () => {
    const { upstream, logged } = await createWorld(says(500, 'text/html', SECRET))

    await refusalOf(upstream.call(createCall()))

    expect(logged).toEqual([
      expect.objectContaining({
        subgraph: 'shop',
        code: 'SUBREQUEST_HTTP_ERROR',
        reason: 'status 500',
        requestId: 'request-1',
      }),
    ])
    expect(JSON.stringify(logged)).not.toMatch(/pa55word|127\.0\.0\.1/)
  })
})

describe('a subgraph that answers in an unusual but right way', () => {
  it.each<readonly [string, Behaviour]>([
    ['graphql-response+json with charset', says(200, `${GRAPHQL}; charset=utf-8`, OK)],
    ['upper-case media type', says(200, 'Application/JSON', OK)],
    ['60 kB of headers', says(200, JSON_TYPE, OK, { 'x-filler': 'a'.repeat(60_000) })],
    ['gzip', says(200, JSON_TYPE, gzipSync(OK), { 'content-encoding': 'gzip' })],
    ['brotli', says(200, JSON_TYPE, brotliCompressSync(OK), { 'content-encoding': 'BR' })],
    ['deflate', says(200, JSON_TYPE, deflateSync(OK), { 'content-encoding': 'deflate' })],
    ['identity', says(200, JSON_TYPE, OK, { 'content-encoding': 'identity' })],
    ['errors: null', says(200, JSON_TYPE, '{"data":{"ok":true},"errors":null}')],
    [
      'a 103 before it',
      (response) => {
        response.writeEarlyHints({ link: '</a>; rel=preload' })
        honest(response, response.socket as never, {} as never)
      },
    ],
    [
      'in many pieces',
      (response) => {
        response.writeHead(200, JSON_HEAD)
        for (const c of OK) response.write(c)
        response.end()
      },
    ],
  ])('%s', async (_name, behave) => {
    const { upstream } = await createWorld(behave)

    const reply = await upstream.call(createCall())

    expect(reply).toEqual({
      text: expect.any(String),
      data: { ok: true },
      errors: [],
      cachePolicy: undefined,
    })
    expect(JSON.parse(reply.text)).toMatchObject({ data: { ok: true } })
  })

  it('gives errors beside data, with what can be read of them', async () => {
    const body = JSON.stringify({
      data: { ok: null },
      errors: [
        { message: 'no', path: ['ok', 0], extensions: { code: 'NOPE' } },
        { message: 7, path: [{}], extensions: 'x' },
      ],
    })
    const { upstream } = await createWorld(says(200, JSON_TYPE, body))

    const reply = await upstream.call(createCall())

    expect(reply.errors).toEqual([
      { message: 'no', path: ['ok', 0], code: 'NOPE', extensions: { code: 'NOPE' } },
      { message: '', extensions: 'x' },
    ])
  })

  it.each([400, 401, 500])('takes errors under status %d as the answer', async (status) => {
    const text = '{"errors":[{"message":"no"}]}'
    const { upstream } = await createWorld(says(status, GRAPHQL, text))

    const reply = await upstream.call(createCall())

    expect(reply).toEqual({ text, data: null, errors: [{ message: 'no' }], cachePolicy: undefined })
  })

  it('keeps __proto__ as an own key and touches no prototype', async () => {
    const { upstream } = await createWorld(says(200, JSON_TYPE, '{"data":{"__proto__":{"polluted":true}}}'))

    const reply = await upstream.call(createCall())

    expect(Object.hasOwn(reply.data ?? {}, '__proto__')).toBe(true)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it('reads the Cache-Control of the reply', async () => {
    const { upstream } = await createWorld(
      says(200, JSON_TYPE, OK, { 'cache-control': 'max-age=60, private' }),
    )

    const reply = await upstream.call(createCall())

    expect(reply.cachePolicy).toEqual({ maxAgeSeconds: 60, scope: 'PRIVATE' })
  })
})
