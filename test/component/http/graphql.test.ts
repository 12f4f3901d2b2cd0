import { describe, expect, it } from '@jest/globals'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import { createSmallGeneration } from '../../support/small-generation.js'
import { createSmallServer } from '../../support/small-server.js'

const GRAPHQL_TYPE = 'application/graphql-response+json'
const preflight = { 'apollo-require-preflight': '1' }

describe.each(['own', 'apollo'] as const)('GraphQL over HTTP on the %s front', (front) => {
  const { generation, seen } = createSmallGeneration()
  const server = createSmallServer({ front }, { current: () => generation })
  const post = (payload: unknown, headers: Record<string, string> = {}) =>
    server.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json', ...headers },
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    })

  it('answers a query with data and the headers of every response', async () => {
    const response = await post({
      query: 'query Greet($name: String) { greeting(name: $name) }',
      variables: { name: 'Ada' },
    })

    expect(response.json()).toEqual({ data: { greeting: 'Hello, Ada!' } })
    expect(response.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-response-time': expect.stringMatching(/^\d+ms$/),
      'cache-control': 'no-store',
      vary: expect.stringContaining('Accept'),
      'x-content-type-options': 'nosniff',
    })
  })

  it('keeps a decent request id and replaces any other', async () => {
    const kept = await post({ query: '{ greeting }' }, { 'x-request-id': 'trace-0815' })
    const replaced = await post({ query: '{ greeting }' }, { 'x-request-id': 'bad id' })

    expect(kept.headers['x-request-id']).toBe('trace-0815')
    expect(replaced.headers['x-request-id']).not.toBe('bad id')
  })

  it('answers partial data with 200 and the errors as the line wrote them', async () => {
    const response = await post({ query: '{ greeting broken }' }, { accept: GRAPHQL_TYPE })

    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({
      errors: [
        { message: 'The subgraph is away.', path: ['broken'], extensions: { code: 'SUBREQUEST_HTTP_ERROR' } },
      ],
      data: { greeting: 'Hello, world!', broken: null },
    })
  })

  it.each([
    ['{', 'GRAPHQL_PARSE_FAILED', 400, 200],
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED', 400, 200],
    ['query ($n: Int!) { greeting }', 'GRAPHQL_VALIDATION_FAILED', 400, 200],
    ['query ($n: String!) { greeting(name: $n) }', 'BAD_USER_INPUT', 400, 200],
    ['query A { greeting } query B { greeting }', 'OPERATION_RESOLUTION_FAILURE', 400, 400],
  ])('refuses %p as %s: %d, and %d in application/json', async (query, code, status, statusInJson) => {
    const strict = await post({ query }, { accept: GRAPHQL_TYPE })
    const lenient = await post({ query }, { accept: 'application/json' })

    expect([strict.statusCode, lenient.statusCode]).toEqual([status, statusInJson])
    expect(strict.json().errors[0].extensions.code).toBe(code)
    expect(strict.json()).not.toHaveProperty('data')
    expect(lenient.json().errors[0].extensions.code).toBe(code)
  })

  it('reads a query, variables and extensions from the URL', async () => {
    const url = `/graphql?${new URLSearchParams({
      query: 'query A { greeting } query B($name: String) { greeting(name: $name) }',
      operationName: 'B',
      variables: '{"name":"Bo"}',
      extensions: '{}',
    }).toString()}`
    const response = await server.inject({ url, headers: preflight })

    expect(response.json()).toEqual({ data: { greeting: 'Hello, Bo!' } })
    expect(seen.received.at(-1)?.request.readOnly).toBe(true)
  })

  it('refuses a mutation by GET without running it', async () => {
    const url = `/graphql?query=${encodeURIComponent('mutation { count }')}`
    const response = await server.inject({ url, headers: preflight })

    expect(response.statusCode).toBe(405)
    expect(response.headers.allow).toBe('POST')
    expect(response.json().errors[0].extensions.code).toBe('METHOD_NOT_ALLOWED')
    expect(seen.mutations).toBe(0)
  })

  it('runs a mutation by POST once', async () => {
    expect((await post({ query: 'mutation { count }' })).json()).toEqual({ data: { count: 1 } })
  })

  it.each([
    ['a batch', [{ query: '{ greeting }' }]],
    ['an empty batch', []],
    ['a number', '1'],
    ['null', 'null'],
    ['no body', ''],
    ['half a body', '{"query":'],
    ['two bodies', '{"query":"{ greeting }"}{}'],
    ['no query', {}],
    ['an inherited query', '{"__proto__":{"query":"{ greeting }"}}'],
    ['a query that is a document', { query: { kind: 'Document' } }],
    ['an operation name that is a number', { query: '{ greeting }', operationName: 1 }],
    ['variables as text', { query: '{ greeting }', variables: '{}' }],
    ['variables as a list', { query: '{ greeting }', variables: [] }],
    ['extensions as a list', { query: '{ greeting }', extensions: [] }],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    [
      'variables 20 000 deep',
      `{"query":"{ greeting }","variables":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
    ],
  ])('refuses %s as BAD_REQUEST', async (_name, payload) => {
    const response = await server.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json' },
      payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
    })

    expect(response.statusCode).toBe(400)
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(response.json().errors[0].extensions.code).toBe('BAD_REQUEST')
  })

  it.each([
    'query=%7Bgreeting%7D&query=%7Bgreeting%7D',
    'query=%7Bgreeting%7D&variables=1',
    'variables=%7B%7D',
  ])('refuses GET ?%s as BAD_REQUEST', async (query) => {
    const response = await server.inject({ url: `/graphql?${query}`, headers: preflight })
    expect([response.statusCode, response.json().errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST'])
  })

  it.each(['multipart/mixed', 'image/png'])('cannot answer as %s', async (accept) => {
    const response = await post({ query: '{ greeting }' }, { accept })
    expect([response.statusCode, response.json().errors[0].extensions.code]).toEqual([406, 'NOT_ACCEPTABLE'])
  })

  it('answers a query as an event where only events are taken, and to a GET not at all', async () => {
    const accept = 'text/event-stream'
    const response = await post({ query: '{ greeting }' }, { accept })
    expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(response.body).toBe(
      ':\n\nevent: next\ndata: {"data":{"greeting":"Hello, world!"}}\n\nevent: complete\ndata:\n\n',
    )
    const refused = await post({ query: '{ nope }' }, { accept })
    expect([refused.statusCode, refused.json().errors[0].extensions.code]).toEqual([
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ])
    const headers = { accept, ...preflight }
    const got = await server.inject({ method: 'GET', url: '/graphql?query={greeting}', headers })
    expect([got.statusCode, got.json().errors[0].extensions.code]).toEqual([406, 'NOT_ACCEPTABLE'])
  })

  it('carries the headers of stages and refusals, and the status of refusals in both media types', async () => {
    const limited = createSmallGeneration((received) => {
      received.responseHead.set('x-cache', 'BYPASS')
      received.responseHead.set('ratelimit', '"default";r=0;t=9')
      received.responseHead.set('vary', 'Authorization')
      throw new GatewayError('REQUEST_RATE_LIMITED', 'Too many.', { headers: { 'retry-after': '9' } })
    })
    const strict = createSmallServer({ front }, { current: () => limited.generation })
    for (const accept of ['application/json', GRAPHQL_TYPE]) {
      const response = await strict.inject({
        method: 'POST',
        url: '/graphql',
        headers: { accept, origin: 'http://localhost:3000' },
        payload: { query: '{ greeting }' },
      })
      expect(response.statusCode).toBe(429)
      expect(response.json().errors).toEqual([
        { message: 'Too many.', extensions: { code: 'REQUEST_RATE_LIMITED' } },
      ])
      expect(response.headers).toMatchObject({
        'retry-after': '9',
        'x-cache': 'BYPASS',
        ratelimit: '"default";r=0;t=9',
        vary: 'Origin, Accept, Authorization',
        'access-control-allow-origin': 'http://localhost:3000',
        'access-control-expose-headers': expect.stringContaining('Retry-After'),
      })
    }
  })

  it('says 503 with Retry-After while there is no graph', async () => {
    const response = await createSmallServer({ front }, { current: () => undefined }).inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: '{ greeting }' },
    })
    expect(response.statusCode).toBe(503)
    expect(response.headers['retry-after']).toBe('1')
    expect(response.json().errors[0].extensions.code).toBe('SUPERGRAPH_UNAVAILABLE')
  })

  it('masks a fault of ours', async () => {
    const faulty = createSmallGeneration(() => {
      throw new Error('secret password in http://10.0.0.1/')
    })
    const response = await createSmallServer({ front }, { current: () => faulty.generation }).inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: '{ greeting }' },
    })
    expect(response.statusCode).toBe(500)
    expect(response.json().errors[0].extensions.code).toBe('INTERNAL_SERVER_ERROR')
    expect(response.body).not.toContain('secret')
  })
})
