/** API keys as a client meets them: the whole gateway in process, keys in a file, one subgraph that listens. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { defineEndpoint } from '../../../src/bff/index.js'
import type { RunningGateway } from '../../../src/cli/command-context.js'
import { validateConfig } from '../../../src/config/load.js'
import { createGateway } from '../../../src/gateway.js'
import type { ApiKeyRegister } from '../../../src/identity/index.js'
import { openApiKeys } from '../../../src/open-api-keys.js'
import { askGraphql, getJson } from '../../support/graphql-client.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { sendRaw } from '../../support/raw-http.js'
import { startRecordingSubgraph, type RecordingSubgraph } from '../../support/recording-subgraph.js'

const TYPES = `type Query {
  open: String
  orders: String @requiresScopes(scopes: [["order:read"]])
  signedIn: String @authenticated
}`

let folder: string
let subgraph: RecordingSubgraph
const heard = () => subgraph.seen.map(({ headers }) => headers)
let gateway: RunningGateway
let register: ApiKeyRegister
let good: { readonly text: string; readonly id: string }

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'api-keys-'))
  subgraph = await startRecordingSubgraph({ open: 'hello', orders: 'o-1', signedIn: 'yes' })
  const { url } = subgraph
  writeFileSync(join(folder, 'own.graphql'), makeSupergraph([{ name: 'own', url, typeDefs: TYPES }]).sdl)
  const written = {
    supergraph: { file: 'own.graphql', watch: false },
    identity: { apiKeys: { directory: 'keys', pepper: 'a-pepper-of-this-test-and-of-nobody-else' } },
    limits: { requests: { perWindow: { anonymous: 10_000, enterprise: 10_000, free: 2 } } },
    admin: { enabled: false },
    cache: { enabled: false },
    log: { level: 'silent' },
  }
  const config = { options: validateConfig(written, {}), baseDirectory: folder, file: undefined }
  const opened = openApiKeys(config, false)
  if (opened === undefined) throw new Error('no keys')
  register = opened
  good = await create()
  writeFileSync(join(folder, 'orders.graphql'), 'query Orders { orders }')
  const endpoint = defineEndpoint<object>({
    module: pathToFileURL(join(folder, 'orders.js')).href,
    path: '/orders',
    summary: 'The orders.',
    signedIn: true,
    present: (data) => data,
  })
  gateway = await (await createGateway(config, { endpoints: [endpoint] })).start({ port: 0 })
})

afterAll(async () => {
  await gateway.stop()
  await register.close()
  await subgraph.close()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(() => {
  subgraph.seen.length = 0
})

async function create(wish: object = {}) {
  const fit = { name: 'test', tenant: 'globex', plan: 'enterprise' as const, scopes: ['order:read'], ...wish }
  const { text, key } = await register.create(fit)
  return { text, id: key.id }
}

const ask = (apiKey: string, query = '{ orders }') =>
  askGraphql(gateway.url, query, { headers: { 'x-api-key': apiKey } })

/** The codes with their paths; empty for an answer without errors. */
const codesOf = ({ errors }: Awaited<ReturnType<typeof ask>>) =>
  errors.map(({ path, extensions }) => [path?.join('.') ?? '', extensions.code])

describe('a request with a good key', () => {
  it('gets what the scopes of the key admit', async () => {
    const answer = await ask(good.text, '{ open orders signedIn }')
    expect(codesOf(answer)).toEqual([])
    expect(answer.data).toEqual({ open: 'hello', orders: 'o-1', signedIn: 'yes' })
  })

  it('is refused the fields for which the key has no scope', async () => {
    const { text } = await create({ scopes: ['other'] })
    const answer = await ask(text, '{ orders signedIn }')
    expect(answer.data).toEqual({ orders: null, signedIn: 'yes' })
    expect(codesOf(answer)).toEqual([['orders', 'UNAUTHORIZED_FIELD_OR_TYPE']])
  })

  it('tells subgraphs whose it is, and keeps the key to itself', async () => {
    await ask(good.text)
    expect(heard()).toHaveLength(1)
    expect(heard()[0]).toMatchObject({
      'x-tenant-id': 'globex',
      'x-user-plan': 'enterprise',
      'x-user-scopes': 'order:read',
    })
    expect(heard()[0]).not.toHaveProperty('x-user-id')
    expect(JSON.stringify(heard())).not.toContain(good.text.slice(17))
  })

  it('is served by BFF endpoints as well, on the same terms', async () => {
    const get = (apiKey: string) => getJson(`${gateway.url}/orders`, { headers: { 'x-api-key': apiKey } })
    expect(await get(good.text)).toMatchObject({ status: 200, body: { orders: 'o-1' } })
    expect(await get(`${good.text}0`)).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    expect((await getJson(`${gateway.url}/orders`)).body.code).toBe('UNAUTHENTICATED')
  })

  it('is counted by its key and the plan of that', async () => {
    const [one, other] = [await create({ plan: 'free' }), await create({ plan: 'free' })]
    const answers = [await ask(one.text), await ask(one.text), await ask(one.text), await ask(other.text)]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 200])
    expect(answers.map(codesOf)[2]).toEqual([['', 'REQUEST_RATE_LIMITED']])
  })
})

describe('a request with a bad key', () => {
  it.each<readonly [string, (text: string) => string]>([
    ['nothing', () => ''],
    ['a key of others', () => 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'],
    ['capitals', (text) => text.toUpperCase()],
    ['small letters', (text) => text.toLowerCase()],
    ['another prefix', (text) => text.replace('ghk_', 'Ghk_')],
    ['one character less', (text) => text.slice(0, -1)],
    ['one character more', (text) => `${text}0`],
    ['another last character', (text) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')],
    [
      'another character in the secret',
      (text) => text.slice(0, 20) + (text[20] === '0' ? '1' : '0') + text.slice(21),
    ],
    ['a scheme before', (text) => `Bearer ${text}`],
    ['quotes', (text) => `"${text}"`],
    ['padding', (text) => `${text}==`],
    ['percent encoding', (text) => text.replaceAll('_', '%5F')],
    ['itself behind a comma', (text) => `${text}, ${text}`],
    ['itself behind a semicolon', (text) => `x;${text}`],
    ['a tab inside', (text) => text.replace('_', '\t_')],
    ['the id alone', (text) => text.slice(0, 16)],
    ['no secret', (text) => text.slice(0, 17)],
    ['SQL as the id', (text) => `ghk_x'or'1'='1--_${text.slice(17)}`],
    ['SQL behind it', (text) => `${text}' or 1=1; drop table gatehouse.api_keys; --`],
    ['a wildcard as the id', (text) => `ghk_%%%%%%%%%%%%_${text.slice(17)}`],
    ['a path as the id', (text) => `ghk_../../../etc_${text.slice(17)}`],
    ['a prototype name', () => '__proto__'],
    ['JSON', (text) => JSON.stringify({ key: text })],
    ['12 kB', () => `ghk_${'A'.repeat(12_000)}`],
  ])('%s: 401 with one message, and no subgraph hears of it', async (_name, spell) => {
    const answer = await ask(spell(good.text), '{ open }')
    expect(answer.status).toBe(401)
    expect(codesOf(answer)).toEqual([['', 'UNAUTHENTICATED']])
    expect(answer.errors[0]?.message).toBe('The API key is not valid.')
    expect(answer.header('www-authenticate')).toMatch(/^Bearer /)
    expect(answer.text).not.toContain(good.text.slice(17))
    expect(heard()).toEqual([])
  })

  it('of more than the head may hold is 431', async () => {
    const { port } = new URL(gateway.url)
    const { status, body } = await sendRaw(Number(port), post([`X-API-Key: ghk_${'A'.repeat(20_000)}`]))
    expect(status).toBe(431)
    expect(body).toContain('HEADERS_TOO_LARGE')
    expect(heard()).toEqual([])
  })

  it('that is expired or was rotated is 401, with the same message', async () => {
    const [expired, rotated] = [await create({ livesSeconds: 0 }), await create()]
    await register.rotate(rotated.id, 0)
    for (const { text } of [expired, rotated]) {
      const answer = await ask(text, '{ open }')
      expect([answer.status, codesOf(answer)]).toEqual([401, [['', 'UNAUTHENTICATED']]])
      expect(answer.errors[0]?.message).toBe('The API key is not valid.')
    }
  })

  it('is refused for a GET, and for what needs no subgraph', async () => {
    const headers = { 'x-api-key': 'ghk_x', 'apollo-require-preflight': '1' }
    const response = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent('{ open }')}`, {
      headers,
    })
    expect(response.status).toBe(401)
    expect((await ask('ghk_x', '{ __typename }')).status).toBe(401)
    expect(heard()).toEqual([])
  })
})

describe('two credentials', () => {
  it('of which one is a key are 400, good or not', async () => {
    for (const authorization of ['Bearer a.b.c', 'Basic eDp5', '']) {
      const headers = { 'x-api-key': good.text, authorization }
      const answer = await askGraphql(gateway.url, '{ open }', { headers })
      expect([answer.status, codesOf(answer)]).toEqual([400, [['', 'BAD_REQUEST']]])
    }
    expect(heard()).toEqual([])
  })

  it.each([
    ['the same key', (text: string) => [`X-API-Key: ${text}`, `X-API-Key: ${text}`]],
    ['another spelling of the name', (text: string) => [`X-API-Key: ghk_x`, `x-api-key: ${text}`]],
    ['an empty one', (text: string) => [`X-API-Key: ${text}`, 'X-API-KEY:']],
  ])('that are keys are 400: %s', async (_name, fields) => {
    const { port } = new URL(gateway.url)
    const { status, body } = await sendRaw(Number(port), post(fields(good.text)))
    expect([status, JSON.parse(body).errors?.[0]?.extensions.code ?? JSON.parse(body).code]).toEqual([
      400,
      'BAD_REQUEST',
    ])
    expect(heard()).toEqual([])
  })
})

describe('a key anywhere else than in X-API-Key', () => {
  it.each<readonly [string, (text: string) => { path?: string; headers?: object; body?: object }]>([
    [
      'the query string',
      (text) => ({ path: `/graphql?x-api-key=${text}&apiKey=${text}&api_key=${text}&key=${text}` }),
    ],
    ['a cookie', (text) => ({ headers: { cookie: `x-api-key=${text}; apiKey=${text}` } })],
    ['extensions', (text) => ({ body: { extensions: { apiKey: text, headers: { 'x-api-key': text } } } })],
    ['variables', (text) => ({ body: { variables: { apiKey: text } } })],
    [
      'a header of nearly the name',
      (text) => ({ headers: { x_api_key: text, 'api-key': text, 'x-apikey': text } }),
    ],
    [
      'a trailer of identity',
      () => ({ headers: { 'x-user-scopes': 'order:read', 'x-tenant-id': 'globex' } }),
    ],
  ])('is not looked at: %s', async (_name, place) => {
    const { path = '/graphql', headers, body } = place(good.text)
    const response = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: '{ open orders }', ...body }),
    })
    const answer = await response.json()
    expect(answer.data).toEqual({ open: 'hello', orders: null })
    expect(answer.errors[0].extensions.code).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
    expect(heard()[0]).toMatchObject({ 'x-tenant-id': 'default' })
    expect(JSON.stringify(heard())).not.toContain(good.text.slice(17))
  })

  it('is no bearer token either', async () => {
    const answer = await askGraphql(gateway.url, '{ open }', { token: good.text })
    expect([answer.status, codesOf(answer)]).toEqual([401, [['', 'UNAUTHENTICATED']]])
  })
})

function post(fields: readonly string[]): string {
  const body = '{"query":"{ open }"}'
  const head = ['POST /graphql HTTP/1.1', 'Host: x', 'Connection: close', 'Content-Type: application/json']
  return [...head, ...fields, `Content-Length: ${String(body.length)}`, '', body].join('\r\n')
}
