import { describe, expect, it } from '@jest/globals'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildSchema, parse, type OperationDefinitionNode } from 'graphql'
import { createBffEngine, defineEndpoint, type EndpointOptions } from '../../../src/bff/index.js'
import { Answer, type AnswerBody } from '../../../src/kernel/answer.js'
import type { Received } from '../../../src/kernel/contexts.js'
import type { Generation } from '../../../src/kernel/generation.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { Reply } from '../../../src/kernel/reply.js'
import type { RouteRequest } from '../../../src/kernel/route.js'
import { makeReceived } from '../../support/arrival.js'

interface Data {
  readonly thing: { readonly id: string } | null
  readonly extra: string | null
}

const schema = buildSchema('type Query { thing(id: ID): Thing extra: String } type Thing { id: ID }')

/** An engine with one endpoint over a line that always gives `reply`. */
async function makeWorld(
  reply: Partial<Reply> & { readonly body?: AnswerBody },
  options: Partial<EndpointOptions<Data>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'bff-'))
  writeFileSync(join(folder, 'thing.graphql'), 'query Thing($id: ID!) { thing(id: $id) { id } extra }')
  const seen: Received[] = []
  const generation: Generation = {
    id: 'g',
    apiSchema: schema,
    resolveStored: (source) => {
      if (options.path === '/unfit')
        throw new GatewayError('GRAPHQL_VALIDATION_FAILED', 'Cannot query field "thing".')
      const document = parse(source)
      return {
        hash: 'h',
        name: 'Thing',
        type: 'query',
        document,
        operation: document.definitions[0] as OperationDefinitionNode,
        source,
      }
    },
    runOperation: async (received) => {
      seen.push(received)
      return {
        answer: Answer.fromBody(reply.body ?? {}),
        status: 200,
        refusal: undefined,
        principal: undefined,
        operation: undefined,
        cacheStatus: 'BYPASS',
        ...reply,
      }
    },
  }
  const endpoint = defineEndpoint<Data>({
    module: pathToFileURL(join(folder, 'thing.js')).href,
    path: '/things/:id',
    summary: 'A thing.',
    required: ['thing'],
    present: (data, { complete }) => ({ thing: data.thing?.id, extra: data.extra, complete }),
    ...options,
  })
  const engine = await createBffEngine([endpoint], () => generation)
  const faults = engine.prepare(generation)
  const get = (request: Partial<RouteRequest> = {}) =>
    engine.routes[0]?.handle({
      method: 'GET',
      path: '/things/7',
      params: { id: '7' },
      query: new URLSearchParams(),
      header: () => undefined,
      body: Buffer.alloc(0),
      json: () => ({}),
      arrival: makeReceived(),
      ...request,
    })
  return { get, seen, faults }
}

const whole: AnswerBody = { data: { thing: { id: '7' }, extra: 'x' } }

describe('a BFF endpoint', () => {
  it('runs its stored operation through the line and presents the data', async () => {
    const { get, seen } = await makeWorld({ body: whole })
    const response = await get()
    expect(response).toMatchObject({
      status: 200,
      headers: { 'x-bff-complete': 'true', etag: expect.stringMatching(/^".+"$/) },
    })
    expect(JSON.parse(String(response?.body))).toEqual({ thing: '7', extra: 'x', complete: true })
    expect(seen[0]).toMatchObject({
      frontEnd: 'bff',
      request: { variables: { id: '7' }, readOnly: true },
      stored: { name: 'Thing' },
    })
  })

  it('asks the line to refuse anonymous callers where it is for the signed-in', async () => {
    const { get, seen } = await makeWorld({ body: whole }, { signedIn: true })
    await get()
    expect(seen[0]?.credentialRequired).toBe(true)
  })

  it('tells the access log whose request it was, down to the API key', async () => {
    const machine = { kind: 'machine', key: 'key:4Qc1Zs90TbXa', tenant: 'acme', plan: 'free' } as const
    const rights = { scopes: new Set<string>(), scopeKey: '', roles: [] }
    const principal = { ...machine, ...rights, apiKey: { id: '4Qc1Zs90TbXa', name: 'export' } }
    const { get } = await makeWorld({ body: whole, principal })
    expect((await get())?.logged).toMatchObject({
      principalKind: 'machine',
      tenant: 'acme',
      keyId: '4Qc1Zs90TbXa',
      keyName: 'export',
    })
  })

  it('answers 304 when the client has the representation', async () => {
    const { get } = await makeWorld({ body: whole })
    const etag = (await get())?.headers['etag']
    const header = (name: string) => (name === 'if-none-match' ? `"other", W/${String(etag)}` : undefined)
    expect(await get({ header })).toMatchObject({ status: 304, body: '' })
  })

  it('says that it is incomplete when a part that is not required is missing', async () => {
    const errors = [{ message: 'away', path: ['extra'], extensions: { code: 'SUBREQUEST_TIMEOUT' } }]
    const { get } = await makeWorld({ body: { errors, data: { thing: { id: '7' }, extra: null } } })
    expect(await get()).toMatchObject({ status: 200, headers: { 'x-bff-complete': 'false' } })
  })

  it('challenges those who may not see a required part, without naming an error (RFC 6750 §3)', async () => {
    const errors = [{ message: 'no', path: ['thing'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }]
    const { get } = await makeWorld({ body: { errors, data: { thing: null, extra: 'x' } } })
    await expect(get()).rejects.toMatchObject({
      code: 'FORBIDDEN',
      headers: { 'www-authenticate': 'Bearer realm="gatehouse"' },
    })
  })

  it.each([
    ['SUBREQUEST_TIMEOUT', 'SUBREQUEST_TIMEOUT', 504],
    ['UNAUTHORIZED_FIELD_OR_TYPE', 'FORBIDDEN', 403],
    ['NOT_FOUND', 'NOT_FOUND', 404],
    ['SOMETHING_OF_A_SUBGRAPH', 'SUBREQUEST_HTTP_ERROR', 502],
  ])('refuses when a required part fails with %s: %s', async (inner, code, status) => {
    const errors = [{ message: 'away', path: ['thing'], extensions: { code: inner } }]
    const { get } = await makeWorld({ body: { errors, data: { thing: null, extra: 'x' } } })
    await expect(get()).rejects.toMatchObject({ code, status })
  })

  it('is 404 when a required part is absent without an error', async () => {
    const { get } = await makeWorld({ body: { data: { thing: null, extra: null } } })
    await expect(get()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it("passes the line's refusal on", async () => {
    const refusal = new GatewayError('REQUEST_RATE_LIMITED', 'Too many.')
    const { get } = await makeWorld({ refusal, status: 429, body: { errors: [] } })
    await expect(get()).rejects.toBe(refusal)
  })

  it('offers JSON only', async () => {
    const { get, seen } = await makeWorld({ body: whole })
    await expect(get({ header: () => 'text/html, application/json;q=0' })).rejects.toMatchObject({
      code: 'NOT_ACCEPTABLE',
    })
    expect(seen).toEqual([])
  })

  it('is not served for a graph that its operation does not fit', async () => {
    const { get, faults } = await makeWorld({ body: whole }, { path: '/unfit' })
    expect(faults).toEqual(['GET /unfit: Cannot query field "thing".'])
    await expect(get()).rejects.toMatchObject({ code: 'SUPERGRAPH_UNAVAILABLE' })
  })
})
