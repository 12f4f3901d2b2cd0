import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { createSmallGeneration } from '../../support/small-generation.js'
import { createSmallServer } from '../../support/small-server.js'
import { openSocket, sendRaw } from '../../support/raw-http.js'

const BODY = '{"query":"{ greeting }"}'
const post = (fields: readonly string[], body = BODY) =>
  ['POST /graphql HTTP/1.1', 'Connection: close', ...fields, `Content-Length: ${body.length}`, '', body].join(
    '\r\n',
  )
const get = (target: string, ...fields: readonly string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close', ...fields, '', ''].join('\r\n')
const JSON_FIELDS = ['Host: a', 'Content-Type: application/json']

describe('raw HTTP', () => {
  const server = createSmallServer({ headersTimeoutMs: 2_000, bodyTimeoutMs: 3_000 })
  let port: number
  beforeAll(async () => {
    port = (await server.listen({ host: '127.0.0.1', port: 0 })).port
  })
  afterAll(() => server.close())

  it('answers a plain request, so that the others are refused for what is wrong with them', async () => {
    const response = await sendRaw(port, post(JSON_FIELDS))
    expect([response.status, response.body]).toEqual([200, '{"data":{"greeting":"Hello, world!"}}'])
  })

  it.each([
    ['two Host fields', post([...JSON_FIELDS, 'Host: b']), 400, 'BAD_REQUEST'],
    ['no Host', post(['Content-Type: application/json']), 400, 'BAD_REQUEST'],
    [
      'two Authorization fields',
      post([...JSON_FIELDS, 'Authorization: Bearer a', 'Authorization: Bearer b']),
      400,
      'BAD_REQUEST',
    ],
    ['two X-API-Key fields', post([...JSON_FIELDS, 'X-API-Key: a', 'x-api-key: b']), 400, 'BAD_REQUEST'],
    ['two Content-Type fields', post([...JSON_FIELDS, 'Content-Type: text/plain']), 400, 'BAD_REQUEST'],
    ['two Content-Length fields', post([...JSON_FIELDS, 'Content-Length: 5']), 400, 'BAD_REQUEST'],
    ['Content-Length and chunks', post([...JSON_FIELDS, 'Transfer-Encoding: chunked']), 400, 'BAD_REQUEST'],
    ['a bare line feed in a field', post([...JSON_FIELDS, 'X-A: 1\nX-B: 2\r\n X-C: 3']), 400, 'BAD_REQUEST'],
    ['a space before the colon', post([...JSON_FIELDS, 'X-A : 1']), 400, 'BAD_REQUEST'],
    ['a NUL in a field', post([...JSON_FIELDS, 'X-A: \0']), 400, 'BAD_REQUEST'],
    ['no HTTP', 'hello\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'a broken chunk',
      ['POST /graphql HTTP/1.1', ...JSON_FIELDS, 'Transfer-Encoding: chunked', '', 'zz', ''].join('\r\n'),
      400,
      'BAD_REQUEST',
    ],
    [
      '101 fields',
      get('/health/live', ...Array.from({ length: 99 }, (_, n) => `x-${n}: 1`)),
      431,
      'HEADERS_TOO_LARGE',
    ],
    ['17 KiB of fields', get('/health/live', `x-large: ${'x'.repeat(17_000)}`), 431, 'HEADERS_TOO_LARGE'],
    ['a URL of 9 KiB', get(`/graphql?query=${'x'.repeat(9_000)}`), 414, 'URI_TOO_LONG'],
    ['a bad escape', get('/%zz'), 400, 'BAD_REQUEST'],
    ['a head that never ends', 'GET / HTTP/1.1\r\nHost: a\r\n', 408, 'REQUEST_TIMEOUT'],
    [
      'a body that never ends',
      `POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"qu`,
      408,
      'REQUEST_TIMEOUT',
    ],
  ])('refuses %s', async (_name, text, status, code) => {
    const response = await sendRaw(port, text)
    expect([response.status, codeOf(response.body)]).toEqual([status, code])
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('admits 100 fields', async () => {
    const fields = Array.from({ length: 98 }, (_, n) => `x-${n}: 1`)
    expect((await sendRaw(port, get('/health/live', ...fields))).status).toBe(200)
  })

  it('treats a target in absolute form as the plain path', async () => {
    const response = await sendRaw(port, get('http://a/graphql?query=%7Bgreeting%7D'))
    expect([response.status, codeOf(response.body)]).toEqual([400, 'CSRF_ERROR'])
  })

  it.each([
    '//graphql',
    '/./graphql',
    '/%2e/graphql',
    '/graphql;x=y',
    '/GraphQL',
    '/graphql.',
    '/graphql/',
    '/a/../graphql',
    '/__proto__',
  ])('knows no %s', async (path) => {
    const response = await sendRaw(port, get(`${path}?query=%7Bgreeting%7D`, 'apollo-require-preflight: 1'))
    expect([response.status, codeOf(response.body)]).toEqual([404, 'NOT_FOUND'])
    expect(response.headers['content-type']).toContain('application/problem+json')
  })

  it('answers pipelined requests in order', async () => {
    const keepAlive = post(JSON_FIELDS).replace('Connection: close\r\n', '')
    const response = await sendRaw(port, keepAlive + get('/health/live'))
    expect(response.body).toContain('Hello, world!')
    expect(response.body).toContain('{"status":"ok"}')
  })

  it('says what is wrong on a connection that was answered before', async () => {
    const socket = await openSocket(port)
    let seen = ''
    socket.on('data', (chunk: Buffer) => {
      if (seen === '') socket.write('hello\r\n\r\n')
      seen += chunk.toString('latin1')
    })
    socket.write(post(JSON_FIELDS).replace('Connection: close\r\n', ''))
    await once(socket, 'close')
    expect(seen).toMatch(/^HTTP\/1.1 200 [\s\S]+HTTP\/1.1 400 [\s\S]+"code":"BAD_REQUEST"/)
  })

  it('ends the work of a client that left', async () => {
    const { waiting, left, slow } = createWatchedServer()
    const at = await slow.listen({ host: '127.0.0.1', port: 0 })
    const socket = await openSocket(at.port)
    socket.write(post(JSON_FIELDS))
    await waiting
    socket.destroy()
    expect(await left).toBe('client-left')
    await slow.close()
  })
})

describe('bodies', () => {
  const LIMIT = 1_048_576
  const server = createSmallServer()
  let url: string
  beforeAll(async () => {
    url = `${(await server.listen({ host: '127.0.0.1', port: 0 })).url}/graphql`
  })
  afterAll(() => server.close())

  const send = async (body: Buffer, headers: Record<string, string>) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: Uint8Array.from(body),
    })
    return { status: response.status, code: codeOf(await response.text()) }
  }
  const padded = (bytes: number) => Buffer.from(BODY + ' '.repeat(bytes - BODY.length))

  it('are read up to the limit and not beyond', async () => {
    expect(await send(padded(LIMIT), {})).toEqual({ status: 200, code: undefined })
    expect(await send(padded(LIMIT + 1), {})).toEqual({ status: 413, code: 'PAYLOAD_TOO_LARGE' })
  })

  it('without announced length are counted too', async () => {
    const stream = new Blob([padded(LIMIT + 1)]).stream()
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    } as unknown as RequestInit)
    expect([response.status, codeOf(await response.text())]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  })

  it.each(['gzip', 'br', 'deflate', 'GZIP'])('are inflated from %s', async (encoding) => {
    const sent = await send(compress(encoding.toLowerCase(), Buffer.from(BODY)), {
      'content-encoding': encoding,
    })
    expect(sent).toEqual({ status: 200, code: undefined })
  })

  it.each(['gzip', 'br', 'deflate'])('that inflate to 20 MB from %s stop at the limit', async (encoding) => {
    const bomb = compress(encoding, Buffer.alloc(20_000_000, ' '))
    const before = process.memoryUsage().rss
    expect(await send(bomb, { 'content-encoding': encoding })).toEqual({
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
    })
    expect(process.memoryUsage().rss - before).toBeLessThan(64_000_000)
  })

  it.each(['gzip, gzip', 'gzip, br', 'compress', 'zstd', '__proto__', Array(40).fill('gzip').join(', ')])(
    'with Content-Encoding %p are not supported',
    async (encoding) => {
      expect(await send(gzipSync(BODY), { 'content-encoding': encoding })).toEqual({
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
      })
    },
  )

  it('that are not what their encoding says are malformed', async () => {
    expect(await send(Buffer.from(BODY), { 'content-encoding': 'gzip' })).toEqual({
      status: 400,
      code: 'BAD_REQUEST',
    })
    expect(await send(gzipSync(BODY).subarray(0, 20), { 'content-encoding': 'gzip' })).toEqual({
      status: 400,
      code: 'BAD_REQUEST',
    })
  })

  it('leave the prototypes as they were', async () => {
    await send(
      Buffer.from(
        '{"query":"{ greeting }","variables":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}',
      ),
      {},
    )
    expect({}).not.toHaveProperty('polluted')
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

function codeOf(body: string): string | undefined {
  const parsed = JSON.parse(body)
  return parsed.code ?? parsed.errors?.[0]?.extensions.code
}

function compress(encoding: string, body: Buffer): Buffer {
  if (encoding === 'br') return brotliCompressSync(body)
  return encoding === 'gzip' ? gzipSync(body) : deflateSync(body)
}

/** A server whose one request waits until its deadline is ended, and says why it was. */
function createWatchedServer() {
  let begin: () => void
  let end: (reason: string) => void
  const waiting = new Promise<void>((resolve) => (begin = resolve))
  const left = new Promise<string>((resolve) => (end = resolve))
  const { generation } = createSmallGeneration(async (received) => {
    begin()
    await new Promise<void>((resolve) => {
      received.deadline.onEnd((reason) => {
        end(reason)
        resolve()
      })
    })
  })
  return { waiting, left, slow: createSmallServer({}, { current: () => generation }) }
}
