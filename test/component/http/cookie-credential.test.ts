import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { defineEndpoint } from '../../../src/bff/index.js'
import {
  answer,
  createRecordingSubgraph,
  startGateway,
  stopAfterAll,
  type EmbeddedGateway,
  type RecordingSubgraph,
} from '../../support/embedded-gateway.js'
import { sendRaw, type RawResponse } from '../../support/raw-http.js'
import { createSignedIn } from '../../support/signed-in.js'

stopAfterAll()

const FRIEND = 'https://app.example'
const signedIn = createSignedIn()
const TYPES = `
  type Query { greeting: String clock: String @cacheControl(maxAge: 60) }
  type Mutation { touch: String }
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
    @link(url: "https://specs.apollo.dev/cacheControl/v0.1", import: ["@cacheControl"])
    @composeDirective(name: "@cacheControl")
  directive @cacheControl(maxAge: Int) on FIELD_DEFINITION
`

let gateway: EmbeddedGateway
let subgraph: RecordingSubgraph

let front = 'own'

async function start(config: object = {}): Promise<void> {
  subgraph = await createRecordingSubgraph({ greeting: 'hello', touch: 'done' })
  const declare = (folder: string, name: string, method: 'GET' | 'POST') =>
    defineEndpoint({
      module: pathToFileURL(join(folder, `${name}.js`)).href,
      method,
      path: `/${name}`,
      summary: 'A page.',
      present: (data) => data,
    })
  gateway = await startGateway(
    { own: { url: subgraph.url, typeDefs: TYPES } },
    {
      config: {
        identity: { issuers: [signedIn.issuer], cookie: { name: '__Host-session', origins: [FRIEND] } },
        server: { front, cors: { origins: [FRIEND], credentials: true } },
        ...config,
      },
      files: { 'page.graphql': 'query Page { greeting }', 'touch.graphql': 'mutation Touch { touch }' },
      endpoints: (folder) => [declare(folder, 'page', 'GET'), declare(folder, 'touch', 'POST')],
    },
  )
}

type Headers = Readonly<Record<string, string>>

const PREFLIGHTED = { 'apollo-require-preflight': '1' }
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' }
const JSON_TYPE = { 'content-type': 'application/json' }
const own = () => ({ origin: `http://gateway.example` })

/** A request as a browser would send it, cookies first. */
function send(target: string, headers: Headers, cookie: string, body?: string): Promise<RawResponse> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const length = body === undefined ? [] : [`content-length: ${String(body.length)}`]
  return sendRaw(
    gateway.port,
    [
      `${target} HTTP/1.1`,
      'host: gateway.example',
      ...(cookie === '' ? [] : [`cookie: ${cookie}`]),
      ...lines,
      ...length,
      'connection: close',
      '',
      body ?? '',
    ].join('\r\n'),
  )
}

const QUERY = JSON.stringify({ query: '{ greeting }' })
const MUTATION = JSON.stringify({ query: 'mutation { touch }' })
const goodCookie = () => `theme=dark; __Host-session=${signedIn.createToken()}; lang=en`

const ROUTES: Readonly<Record<string, (headers: Headers, cookie: string) => Promise<RawResponse>>> = {
  'POST /graphql, a query': (headers, cookie) =>
    send('POST /graphql', { ...JSON_TYPE, ...headers }, cookie, QUERY),
  'POST /graphql, a mutation': (headers, cookie) =>
    send('POST /graphql', { ...JSON_TYPE, ...headers }, cookie, MUTATION),
  'GET /graphql': (headers, cookie) =>
    send('GET /graphql?query=%7Bgreeting%7D', { ...JSON_TYPE, ...headers }, cookie),
  'GET a BFF endpoint': (headers, cookie) => send('GET /page', headers, cookie),
  'POST a BFF endpoint': (headers, cookie) => send('POST /touch', { ...JSON_TYPE, ...headers }, cookie, '{}'),
}

const codeOf = ({ body }: RawResponse): string | undefined => {
  const parsed = JSON.parse(body) as { code?: string; errors?: { extensions: { code: string } }[] }
  return parsed.code ?? parsed.errors?.[0]?.extensions.code
}

describe.each(['own', 'apollo'])('on the %s front', (served) => {
  beforeAll(async () => {
    front = served
    await start()
  })
  beforeEach(() => void subgraph.seen.splice(0))

  describe.each(Object.keys(ROUTES))('a token in a cookie on %s', (name) => {
    const route = (headers: Headers, cookie: string) =>
      ROUTES[name]?.(headers, cookie) ?? Promise.reject(new Error())

    it.each<readonly [string, Headers]>([
      ['a header that needs a preflight', PREFLIGHTED],
      ['such a header and its own origin', { ...PREFLIGHTED, ...own() }],
      ['such a header where the user typed the address', { ...PREFLIGHTED, 'sec-fetch-site': 'none' }],
      ['the browser’s word that the page is its own', SAME_ORIGIN],
      ['both words of the browser', { ...SAME_ORIGIN, ...own() }],
      ['its own Origin from an older browser', own()],
      ['a listed origin of another site', { origin: FRIEND, 'sec-fetch-site': 'cross-site' }],
    ])('is accepted with %s', async (_case, headers) => {
      const response = await route(headers, goodCookie())

      expect(response.status).toBe(200)
      expect(subgraph.seen[0]?.headers['x-user-id']).toBe('u-1')
      expect(subgraph.seen[0]?.headers.cookie).toBeUndefined()
    })

    it.each<readonly [string, Headers]>([
      ['nothing else', {}],
      ['an address that the user typed', { 'sec-fetch-site': 'none' }],
      ['a page of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
      ['a page of another site that sends no Origin', { 'sec-fetch-site': 'cross-site' }],
      [
        'a page of a neighbouring host',
        { 'sec-fetch-site': 'same-site', origin: 'http://other.gateway.example' },
      ],
      ['a neighbour without Origin', { 'sec-fetch-site': 'same-site' }],
      ['a page without an origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
      ['a foreign origin that got through a preflight', { ...PREFLIGHTED, origin: 'https://evil.example' }],
      ['another port of the same host', { ...PREFLIGHTED, origin: 'http://gateway.example:8080' }],
      [
        'an origin that only begins like its own',
        { ...PREFLIGHTED, origin: 'http://gateway.example.evil.example' },
      ],
      ['an origin that only ends like its own', { origin: 'http://evil.example@gateway.example' }],
      ['a site that says two things', { 'sec-fetch-site': 'same-origin, cross-site' }],
      ['a foreign site, listed origin in another case', { origin: FRIEND.toUpperCase() }],
      ['an empty header in place of one that needs a preflight', { 'apollo-require-preflight': '' }],
    ])('is refused with %s', async (_case, headers) => {
      const response = await route(headers, goodCookie())

      expect([response.status, codeOf(response)]).toEqual([400, 'CSRF_ERROR'])
      expect(response.body).not.toContain('hello')
      expect(subgraph.seen).toEqual([])
    })

    it.each([
      ['no token', 'x'],
      ['nothing', ''],
      ['a token of nobody', createSignedIn().createToken()],
      ['an expired token', signedIn.createToken({ iat: 1, exp: 2 })],
      ['a token in quotes', `"${signedIn.createToken()}"`],
      ['a huge token', `a.b.${'x'.repeat(9_000)}`],
    ])('is 401, never anonymous, where it holds %s', async (_case, value) => {
      const response = await route(PREFLIGHTED, `__Host-session=${value}`)

      expect([response.status, codeOf(response)]).toEqual([401, 'UNAUTHENTICATED'])
      expect(response.headers['www-authenticate']).toContain('invalid_token')
      expect(subgraph.seen).toEqual([])
    })

    it('is 400 where there are two', async () => {
      const response = await route(PREFLIGHTED, `${goodCookie()}; __Host-session=${signedIn.createToken()}`)

      expect([response.status, codeOf(response)]).toEqual([400, 'BAD_REQUEST'])
      expect(subgraph.seen).toEqual([])
    })

    it('is not looked at where a header has a credential', async () => {
      const authorization = `Bearer ${signedIn.createToken({ sub: 'u-2' })}`
      const response = await route({ ...PREFLIGHTED, authorization }, goodCookie())
      const bad = await route({ ...PREFLIGHTED, authorization: 'Bearer x' }, goodCookie())

      expect(response.status).toBe(200)
      expect(subgraph.seen.map(({ headers }) => headers['x-user-id'])).toEqual(['u-2'])
      expect(bad.status).toBe(401)
    })

    it('is read under its very name', async () => {
      const token = signedIn.createToken()
      const response = await route(
        PREFLIGHTED,
        `__host-session=${token}; x__Host-session=${token}; a=__Host-session=1`,
      )

      expect(response.status).toBe(200)
      expect(subgraph.seen[0]?.headers['x-user-id']).toBeUndefined()
    })
  })

  describe('a cookie', () => {
    it.each([
      ['text/plain', 'POST /graphql', 400, 'CSRF_ERROR'],
      ['application/x-www-form-urlencoded', 'POST /touch', 415, 'UNSUPPORTED_MEDIA_TYPE'],
      ['text/plain', 'POST /touch', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ])('with a form’s type %s is refused on %s, same origin or not', async (type, target, status, code) => {
      const response = await send(target, { ...SAME_ORIGIN, 'content-type': type }, goodCookie(), MUTATION)

      expect([response.status, codeOf(response)]).toEqual([status, code])
      expect(subgraph.seen).toEqual([])
    })

    it('with a POST without a body, as an empty form makes it, is refused', async () => {
      for (const headers of [SAME_ORIGIN, { origin: 'https://evil.example' }]) {
        const response = await send('POST /touch', { ...headers, 'content-length': '0' }, goodCookie())
        expect([response.status, codeOf(response)]).toEqual([400, 'CSRF_ERROR'])
      }
      expect(subgraph.seen).toEqual([])
    })

    it('does not keep health from answering', async () => {
      expect((await send('GET /health/live', { 'sec-fetch-site': 'cross-site' }, goodCookie())).status).toBe(
        200,
      )
    })

    it('tells caches outside that answers differ by it', async () => {
      subgraph.behave = (response) => answer(response, { clock: 'noon' })
      const target = 'GET /graphql?query=%7Bclock%7D'

      const response = await send(target, PREFLIGHTED, goodCookie())

      expect(response.headers['cache-control']).toBe('public, max-age=60')
      expect(response.headers['vary']).toMatch(/\bCookie\b/)
    })

    it('of other names goes up where a rule says so, the token never', async () => {
      await start({
        identity: { issuers: [signedIn.issuer], cookie: { name: '__Host-session' } },
        upstream: { headers: { all: { request: [{ propagate: 'cookie' }] } } },
      })

      await send('GET /page', PREFLIGHTED, goodCookie())
      await send('GET /page', { authorization: `Bearer ${signedIn.createToken()}` }, `__Host-session=x`)

      expect(subgraph.seen.map(({ headers }) => headers.cookie)).toEqual(['theme=dark; lang=en', undefined])
    })

    it('is no credential where it is not configured', async () => {
      await start({ identity: { issuers: [signedIn.issuer] } })

      const response = await send('GET /page', {}, goodCookie())

      expect(response.status).toBe(200)
      expect(subgraph.seen[0]?.headers['x-user-id']).toBeUndefined()
    })
  })
})
