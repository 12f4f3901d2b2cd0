import { describe, expect, it } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { createAdminServer } from '../../../src/admin/index.js'
import { adminOptions } from '../../../src/admin/options.js'
import type { Explanation } from '../../../src/kernel/explanation.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import { SYSTEM_CLOCK } from '../../../src/kernel/ports/clock.js'
import type { DependencyHealth } from '../../../src/kernel/ports/health.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { Route, RouteRequest } from '../../../src/kernel/route.js'
import { createSmallGeneration } from '../../support/small-generation.js'
import { createKeepingLogger, createSmallServer } from '../../support/small-server.js'

const echo = (method: Route['method'], path: string, seen: RouteRequest[] = []): Route => ({
  method,
  path,
  handle: async (request) => {
    seen.push(request)
    request.arrival.responseHead.set('x-cache', 'HIT')
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{}',
      logged: { endpoint: 'echo' },
    }
  },
})
const refuse = (path: string, fault: Error): Route => ({
  method: 'GET',
  path,
  handle: () => Promise.reject(fault),
})

describe('routes of other front ends', () => {
  it('get the request freed of the library', async () => {
    const seen: RouteRequest[] = []
    const server = createSmallServer(
      { trustedProxies: ['127.0.0.1'] },
      { routes: [echo('POST', '/web/products/:id', seen)] },
    )
    const response = await server.inject({
      method: 'POST',
      url: '/web/products/p%2F1?a=1&a=2',
      headers: {
        authorization: 'Bearer t',
        'x-api-key': 'k',
        'content-encoding': 'gzip',
        'x-forwarded-for': '198.51.100.7',
        'apollographql-client-name': 'shop',
        'x-request-id': 'trace-0815',
      },
      payload: gzipSync('{"quantity":1}'),
    })
    const [request] = seen

    expect(response.headers).toMatchObject({
      'x-cache': 'HIT',
      'x-request-id': 'trace-0815',
      'cache-control': 'no-store',
    })
    expect(request).toMatchObject({ method: 'POST', path: '/web/products/p%2F1', params: { id: 'p/1' } })
    expect(request?.query.getAll('a')).toEqual(['1', '2'])
    expect(request?.header('X-Api-Key')).toBe('k')
    expect(request?.body.toString()).toBe('{"quantity":1}')
    expect(request?.arrival).toMatchObject({
      requestId: 'trace-0815',
      credentials: { authorization: 'Bearer t', apiKey: 'k' },
      client: { address: '198.51.100.7', name: 'shop' },
    })
  })

  it('refuse as problems, with the headers of the refusal', async () => {
    const unauthenticated = new GatewayError('UNAUTHENTICATED', 'Sign in.', {
      headers: { 'www-authenticate': 'Bearer' },
    })
    const server = createSmallServer(
      {},
      { routes: [refuse('/a', unauthenticated), refuse('/b', new Error('secret'))] },
    )
    const refused = await server.inject('/a')
    const broken = await server.inject('/b')

    expect(refused.statusCode).toBe(401)
    expect(refused.headers['content-type']).toContain('application/problem+json')
    expect(refused.headers['www-authenticate']).toBe('Bearer')
    expect(refused.json()).toMatchObject({
      code: 'UNAUTHENTICATED',
      requestId: refused.headers['x-request-id'],
    })
    expect(broken.statusCode).toBe(500)
    expect(broken.body).not.toContain('secret')
  })

  it('refuse with what stages have said before, such as the limit that is reached', async () => {
    const limited: Route = {
      method: 'GET',
      path: '/a',
      handle: async ({ arrival }) => {
        arrival.responseHead.set('retry-after', '9')
        throw new GatewayError('REQUEST_RATE_LIMITED', 'Too many.')
      },
    }
    const response = await createSmallServer({}, { routes: [limited] }).inject('/a')

    expect([response.statusCode, response.headers['retry-after']]).toEqual([429, '9'])
    expect(response.headers['content-type']).toContain('application/problem+json')
  })

  it('may admit smaller bodies than the listener, never larger ones', async () => {
    const routes = [
      { ...echo('POST', '/small'), bodyBytes: 10 },
      { ...echo('POST', '/large'), bodyBytes: 1_000 },
    ]
    const server = createSmallServer({ limits: { bodyBytes: 100 } }, { routes })
    const post = async (url: string, bytes: number) =>
      (await server.inject({ method: 'POST', url, payload: 'x'.repeat(bytes) })).statusCode

    expect([await post('/small', 10), await post('/small', 11)]).toEqual([200, 413])
    expect([await post('/large', 100), await post('/large', 101)]).toEqual([200, 413])
  })

  it('know their methods: 405 with Allow for others, 404 for other paths, HEAD for every GET', async () => {
    const server = createSmallServer(
      {},
      { production: true, routes: [echo('GET', '/a'), echo('PUT', '/a'), echo('POST', '/b')] },
    )
    const wrong = await server.inject({ method: 'DELETE', url: '/a' })
    const alsoWrong = await server.inject('/b')
    const unknown = await server.inject({ method: 'POST', url: '/c', payload: 'x' })
    const head = await server.inject({ method: 'HEAD', url: '/a' })

    expect([wrong.statusCode, wrong.headers.allow, wrong.json().code]).toEqual([
      405,
      'GET, HEAD, PUT',
      'METHOD_NOT_ALLOWED',
    ])
    expect([alsoWrong.statusCode, alsoWrong.headers.allow]).toEqual([405, 'POST'])
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'NOT_FOUND'])
    expect([head.statusCode, head.body]).toEqual([200, ''])
    expect(head.headers).toMatchObject({ 'content-length': '2', 'content-type': 'application/json' })
  })

  it('may say what the listener says of every other response', async () => {
    const policy = "default-src 'self'"
    const page: Route = {
      method: 'GET',
      path: '/docs',
      handle: async () => ({
        status: 200,
        headers: { 'content-security-policy': policy, vary: 'Accept', 'cache-control': 'private' },
        body: 'Größe',
      }),
    }
    const server = createSmallServer({}, { routes: [page] })
    const response = await server.inject('/docs')

    expect(response.body).toBe('Größe')
    expect(response.headers).toMatchObject({
      'content-security-policy': policy,
      'cache-control': 'private',
      'content-length': '7',
      'x-content-type-options': 'nosniff',
      vary: 'Origin, Accept',
    })
  })

  it('never see a body whose Content-Type is none', async () => {
    const seen: RouteRequest[] = []
    const server = createSmallServer({}, { routes: [echo('POST', '/a', seen)] })
    const codes = await Promise.all(
      ['text', 'a/b c', '/json', ''].map(async (type) => {
        const response = await server.inject({
          method: 'POST',
          url: '/a',
          headers: { 'content-type': type },
          payload: '{}',
        })
        return response.json().code
      }),
    )
    expect(codes).toEqual(Array(4).fill('UNSUPPORTED_MEDIA_TYPE'))
    expect(seen).toEqual([])
  })

  it('share the limit on requests in flight; health does not count', async () => {
    let release: () => void = () => undefined
    let begun: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const waiting = new Promise<void>((resolve) => (begun = resolve))
    const slow: Route = {
      method: 'GET',
      path: '/slow',
      handle: async () => {
        begun()
        await gate
        return { status: 200, headers: {}, body: '' }
      },
    }
    const server = createSmallServer(
      { limits: { concurrentRequests: 1 } },
      { routes: [slow, echo('GET', '/a')] },
    )
    const first = server.inject('/slow')
    await waiting
    const second = await server.inject('/a')
    const health = await server.inject('/health/live')
    release()
    await first
    const third = await server.inject('/a')

    expect([second.statusCode, second.headers['retry-after'], second.json().code]).toEqual([
      503,
      '1',
      'REQUEST_CONCURRENCY_LIMITED',
    ])
    expect([health.statusCode, third.statusCode]).toEqual([200, 200])
  })
})

describe('the access log', () => {
  it('has one line per request with its facts, and no text of it', async () => {
    const { logger, lines } = createKeepingLogger()
    const server = createSmallServer({}, { logger, routes: [echo('GET', '/users/:id')] })
    await server.inject({
      method: 'POST',
      url: '/graphql?token=planted-secret',
      headers: {
        authorization: 'Bearer planted-secret',
        cookie: 'planted-secret',
        'apollographql-client-name': 'shop',
      },
      payload: {
        query: 'query Greet($n: String) { greeting(name: $n) broken }',
        variables: { n: 'planted-secret' },
      },
    })
    await server.inject('/users/planted-secret')
    await server.inject('/planted-secret')

    expect(lines.map(({ facts }) => facts)).toEqual([
      expect.objectContaining({
        method: 'POST',
        route: '/graphql',
        status: 200,
        operationName: 'Greet',
        operationHash: expect.stringMatching(/^a{64}$/),
        cache: 'MISS',
        errorCodes: ['SUBREQUEST_HTTP_ERROR'],
        clientName: 'shop',
        bytes: expect.any(Number),
        milliseconds: expect.any(Number),
        requestId: expect.any(String),
      }),
      expect.objectContaining({ route: '/users/:id', status: 200, endpoint: 'echo' }),
      expect.objectContaining({ route: 'unknown', status: 404, errorCodes: ['NOT_FOUND'] }),
    ])
    expect(JSON.stringify(lines)).not.toContain('planted-secret')
  })
})

describe('readiness', () => {
  const up: DependencyHealth = {
    name: 'redis',
    state: 'down',
    required: false,
    detail: 'in-process stores serve',
  }
  const down: DependencyHealth = { name: 'keys', state: 'down', required: true }
  const { generation } = createSmallGeneration()

  it.each([
    ['with a graph and what is required', () => generation, [up], 200, 'ready'],
    ['without a graph', () => undefined, [up], 503, 'unavailable'],
    ['without something required', () => generation, [up, down], 503, 'unavailable'],
  ])('%s', async (_name, current, dependencies, status, word) => {
    const server = createSmallServer({}, { current, health: () => dependencies })
    const ready = await server.inject('/health/ready')
    const live = await server.inject('/health/live')

    expect(ready.statusCode).toBe(status)
    expect(ready.json()).toEqual({ status: word, generation: current()?.id ?? null, dependencies })
    expect([live.statusCode, live.json()]).toEqual([200, { status: 'ok' }])
  })
})

describe('the admin listener', () => {
  const { generation } = createSmallGeneration()
  const explanation: Explanation = {
    operation: { name: undefined, type: 'query', hash: 'a' },
    caller: { kind: 'anonymous', user: undefined, tenant: 'acme', plan: 'free', scopes: [], roles: [] },
    fields: [],
    outcome: 'runs',
    queryPlan: { node: undefined },
  }
  const explained: object[] = []
  const create = (options: object) =>
    createAdminServer(adminOptions.parse(options), {
      explain: (asked) => {
        explained.push(asked)
        return Promise.resolve(explanation)
      },
      current: () => generation,
      health: () => [],
      metricsText: () => 'gateway_requests_total 1\n',
      supergraphSdl: () => 'schema { query: Query }',
      routes: [echo('POST', '/reload')],
      logger: SILENT_LOGGER,
      metrics: NO_METRICS,
      clock: SYSTEM_CLOCK,
    })

  it('explains an operation to operators only', async () => {
    const server = create({ token: 'the admin token of this test' })
    const ask = (payload: string, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
      server.inject({
        method: 'POST',
        url: '/explain',
        headers: { 'content-type': 'application/json', ...headers },
        payload,
        remoteAddress,
      })
    const asked = { query: '{ a }', operationName: 'A', variables: { x: 1 }, token: 't' }
    const answer = await ask(JSON.stringify(asked))
    expect([answer.statusCode, answer.json()]).toEqual([200, JSON.parse(JSON.stringify(explanation))])
    const keyed = { query: '{ a }', apiKey: 'k', clientName: 'phone', clientVersion: '7' }
    await ask(JSON.stringify(keyed))
    expect(explained).toEqual([asked, keyed])

    for (const body of [
      '[]',
      '{',
      '{}',
      '{"query":1}',
      '{"query":"{a}","variables":[]}',
      '{"query":"{a}","token":{}}',
      '{"query":"{a}","apiKey":1}',
      '{"query":"{a}","clientName":[]}',
    ]) {
      const refused = await ask(body)
      expect([refused.statusCode, refused.json()]).toEqual([
        400,
        expect.objectContaining({ code: 'BAD_REQUEST' }),
      ])
    }
    expect((await ask('{"query":"{a}"}', {}, '192.0.2.1')).json()).toMatchObject({ code: 'FORBIDDEN' })
    expect((await ask('{"query":"{a}"}', { authorization: 'Bearer x' })).json()).toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    expect(explained).toHaveLength(2)
  })

  it('serves metrics, health and the supergraph to this machine', async () => {
    const server = create({})
    const metrics = await server.inject('/metrics')
    const supergraph = await server.inject('/supergraph')
    const ready = await server.inject('/health/ready')

    expect([metrics.statusCode, metrics.body]).toEqual([200, 'gateway_requests_total 1\n'])
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect([supergraph.statusCode, supergraph.body]).toEqual([200, 'schema { query: Query }'])
    expect(ready.statusCode).toBe(200)
  })

  it.each([
    ['an address that is not listed', { remoteAddress: '192.0.2.1' }, 403, 'FORBIDDEN'],
    [
      'a forwarded loopback address',
      { remoteAddress: '192.0.2.1', headers: { 'x-forwarded-for': '127.0.0.1' } },
      403,
      'FORBIDDEN',
    ],
    ['a wrong token, even from here', { headers: { authorization: 'Bearer wrong' } }, 401, 'UNAUTHENTICATED'],
    ['a page of another origin', { headers: { origin: 'https://evil.example' } }, 403, 'FORBIDDEN'],
    ['a page without origin', { headers: { 'sec-fetch-site': 'cross-site' } }, 403, 'FORBIDDEN'],
    ['a rebound name', { headers: { host: 'evil.example:4010' } }, 403, 'FORBIDDEN'],
  ])('refuses %s', async (_name, request, status, code) => {
    const server = create({ token: 'right' })
    for (const [method, url] of [
      ['GET', '/supergraph'],
      ['POST', '/reload'],
    ] as const) {
      const response = await server.inject({ method, url, ...request })
      expect([response.statusCode, response.json().code]).toEqual([status, code])
      expect(response.headers['www-authenticate']).toBe('Bearer realm="admin"')
    }
  })

  it('admits the token from anywhere', async () => {
    const response = await create({ token: 'right' }).inject({
      method: 'POST',
      url: '/reload',
      remoteAddress: '192.0.2.1',
      headers: { authorization: 'Bearer right' },
    })
    expect(response.statusCode).toBe(200)
  })

  it('admits no empty token where none is configured', async () => {
    const response = await create({}).inject({ url: '/supergraph', headers: { authorization: 'Bearer ' } })
    expect(response.statusCode).toBe(401)
  })
})
