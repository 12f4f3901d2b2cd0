import { describe, expect, it } from '@jest/globals'
import {
  answer,
  createRecordingSubgraph,
  startGateway,
  stopAfterEach,
  type EmbeddedGateway,
  type RecordingSubgraph,
  type SeenRequest,
} from '../../support/embedded-gateway.js'
import { askGraphql, getJson } from '../../support/graphql-client.js'
import { sendRaw } from '../../support/raw-http.js'

stopAfterEach()

const TYPES = 'type Query { greeting: String }'
const CACHED_TYPES = `
  type Query { clock: String @cacheControl(maxAge: 60) greeting: String }
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
    @link(url: "https://specs.apollo.dev/cacheControl/v0.1", import: ["@cacheControl"])
    @composeDirective(name: "@cacheControl")
  enum CacheControlScope { PUBLIC PRIVATE }
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
`

interface World {
  readonly gateway: EmbeddedGateway
  readonly subgraph: RecordingSubgraph
}

async function createWorld(headers: object, upstream: object = {}, typeDefs = TYPES): Promise<World> {
  const subgraph = await createRecordingSubgraph({ greeting: 'hello', clock: 'noon' })
  const gateway = await startGateway(
    { own: { url: subgraph.url, typeDefs } },
    {
      config: { upstream: { headers, ...upstream } },
      page: 'query Page { greeting }',
    },
  )
  return { gateway, subgraph }
}

/** Writes a request byte by byte, as no client library would. */
function sendHead(port: number, lines: readonly string[]) {
  const body = JSON.stringify({ query: '{ greeting }' })
  const head = ['POST /graphql HTTP/1.1', 'host: gateway', 'content-type: application/json', ...lines]
  return sendRaw(port, [...head, `content-length: ${body.length}`, '', body].join('\r\n'))
}

const countOf = ({ rawHeaders }: SeenRequest, name: string): number =>
  rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length

describe('request rules', () => {
  const RULES = {
    all: {
      request: [
        { propagate: 'Accept-Language', default: 'en' },
        { propagate: 'x-app-*' },
        { set: 'x-region', value: 'eu' },
        { propagate: 'x-old' },
        { rename: 'x-old', to: 'x-new' },
        { remove: 'x-app-secret' },
      ],
    },
  }
  const SENT = {
    'accept-language': 'de',
    'x-app-mode': 'dark',
    'x-app-secret': 's',
    'x-old': '1',
    'x-other': '2',
  }
  const EXPECTED = { 'accept-language': 'de', 'x-app-mode': 'dark', 'x-region': 'eu', 'x-new': '1' }

  it('are applied in order, for GraphQL and BFF alike', async () => {
    const { gateway, subgraph } = await createWorld(RULES)

    await askGraphql(gateway.url, '{ greeting }', { headers: SENT })
    const page = await getJson(`${gateway.url}/page`, { headers: SENT })

    expect(page.status).toBe(200)
    expect(subgraph.seen).toHaveLength(2)
    for (const { headers } of subgraph.seen) {
      expect(headers).toMatchObject(EXPECTED)
      for (const name of ['x-app-secret', 'x-old', 'x-other']) expect(headers[name]).toBeUndefined()
    }
  })

  it('write the default where the client sends nothing, and their own value over the client’s', async () => {
    const { gateway, subgraph } = await createWorld(RULES)

    await sendHead(gateway.port, ['x-region: us', 'connection: close'])

    expect(subgraph.seen[0]?.headers).toMatchObject({ 'accept-language': 'en', 'x-region': 'eu' })
    expect(countOf(subgraph.seen[0] as SeenRequest, 'x-region')).toBe(1)
  })

  it('of one subgraph follow those of all and count for it alone', async () => {
    const [one, two] = [
      await createRecordingSubgraph({ one: '1' }),
      await createRecordingSubgraph({ two: '2' }),
    ]
    const gateway = await startGateway(
      {
        one: { url: one.url, typeDefs: 'type Query { one: String }' },
        two: { url: two.url, typeDefs: 'type Query { two: String }' },
      },
      {
        config: {
          upstream: {
            headers: { all: { request: [{ propagate: 'x-app-*' }] } },
            subgraphs: {
              two: { headers: { request: [{ remove: 'x-app-a' }, { set: 'x-two', value: 'yes' }] } },
            },
          },
        },
      },
    )

    await askGraphql(gateway.url, '{ one two }', { headers: { 'x-app-a': '1', 'x-app-b': '2' } })

    expect(one.seen[0]?.headers).toMatchObject({ 'x-app-a': '1', 'x-app-b': '2' })
    expect(one.seen[0]?.headers['x-two']).toBeUndefined()
    expect(two.seen[0]?.headers).toMatchObject({ 'x-app-b': '2', 'x-two': 'yes' })
    expect(two.seen[0]?.headers['x-app-a']).toBeUndefined()
  })

  it('carry credentials where they name them', async () => {
    const { gateway, subgraph } = await createWorld({ all: { request: [{ propagate: 'Cookie' }] } })

    await askGraphql(gateway.url, '{ greeting }', { headers: { cookie: 'a=1; b=2' } })

    expect(subgraph.seen[0]?.headers.cookie).toBe('a=1; b=2')
  })
})

describe('a client that attacks through rules', () => {
  const RULES = {
    all: {
      request: [
        { propagate: 'x-app-*' },
        { propagate: 'x-mode' },
        { set: 'x-app-trusted', value: 'of-the-operator' },
      ],
    },
  }

  it('cannot say who he is, in whatever spelling', async () => {
    const { gateway, subgraph } = await createWorld(RULES)
    const forged = [
      ...[
        'X-User-ID: admin',
        'x-user-id: admin',
        'x_user_id: admin',
        'X_USER_SCOPES: admin',
        'x.user.id: admin',
      ],
      ...['X-Tenant-ID: other', 'x-user-roles: admin', 'x-gateway-signature: v1=0', 'x_gateway_timestamp: 1'],
      ...[
        'x-request-id: forged-by-me',
        'x-forwarded-for: 10.0.0.1',
        'x-app_user-id: admin',
        'x-user-email: a@b',
      ],
      ...['authorization-x: 1', 'x-api-keys: 1', 'cookie2: 1', '__proto__: x', 'constructor: x'],
    ]

    const { status } = await sendHead(gateway.port, [...forged, 'x-mode: a', 'connection: close'])

    expect(status).toBe(200)
    const [seen] = subgraph.seen
    expect(JSON.stringify(seen?.rawHeaders)).not.toMatch(
      /admin|other|v1=0|10\.0\.0\.1|a@b|authorization-x|__proto__/,
    )
    expect(seen?.headers).toMatchObject({ 'x-tenant-id': 'default', 'x-user-scopes': '', 'x-mode': 'a' })
    expect(seen?.headers['x-user-id']).toBeUndefined()
  })

  it('cannot stand beside what the operator sets, by another spelling of its name', async () => {
    const { gateway, subgraph } = await createWorld(RULES)

    await sendHead(gateway.port, [
      ...['x-app-trusted: mine', 'X-APP-TRUSTED: mine', 'x-app_trusted: mine', 'x-app-trusted_: mine'],
      'connection: close',
    ])

    const names = subgraph.seen[0]?.rawHeaders.filter((text) => /trusted/i.test(text))
    expect(names).toEqual(['x-app-trusted'])
    expect(subgraph.seen[0]?.headers['x-app-trusted']).toBe('of-the-operator')
  })

  it.each([
    ['a folded line', ['x-mode: a', ' x-user-id: admin']],
    ['a bare line feed', ['x-mode: a\nx-user-id: admin']],
    ['a bare carriage return', ['x-mode: a\rx-user-id: admin']],
    ['a NUL', ['x-mode: a\0']],
    ['a space before the colon', ['x-user-id : admin']],
  ])('cannot smuggle a header by %s', async (_name, lines) => {
    const { gateway, subgraph } = await createWorld(RULES)

    const { status } = await sendHead(gateway.port, [...lines, 'connection: close'])

    expect(status).toBe(400)
    expect(subgraph.seen).toEqual([])
  })

  it('cannot send huge values, one or many', async () => {
    const { gateway, subgraph } = await createWorld(RULES)
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`x-app-${String(at)}`, 'x'.repeat(300)]),
    )

    for (const headers of [{ 'x-mode': 'x'.repeat(5_000) }, many]) {
      const { status, errors } = await askGraphql(gateway.url, '{ greeting }', { headers })
      const page = await getJson(`${gateway.url}/page`, { headers })
      expect([status, errors[0]?.extensions.code]).toEqual([431, 'HEADERS_TOO_LARGE'])
      expect([page.status, (page.body as { code: string }).code]).toEqual([431, 'HEADERS_TOO_LARGE'])
    }
    expect(subgraph.seen).toEqual([])
  })

  it('sends a header twice as one, joined', async () => {
    const { gateway, subgraph } = await createWorld(RULES)

    await sendHead(gateway.port, ['x-mode: a', 'X-Mode: b', 'connection: close'])

    expect(subgraph.seen[0]?.headers['x-mode']).toBe('a, b')
    expect(countOf(subgraph.seen[0] as SeenRequest, 'x-mode')).toBe(1)
  })

  it('keeps to himself what he says belongs to his connection', async () => {
    const { gateway, subgraph } = await createWorld(RULES)

    await sendHead(gateway.port, ['x-mode: a', 'connection: close, X-Mode'])

    expect(subgraph.seen[0]?.headers['x-mode']).toBeUndefined()
  })
})

describe('requests that differ in what rules let through', () => {
  const RULES = { all: { request: [{ propagate: 'x-locale' }] } }
  const ask = (url: string, locale: string | undefined, query: string) =>
    askGraphql(url, query, locale === undefined ? {} : { headers: { 'x-locale': locale } })

  it('are not shared in flight; equal ones are', async () => {
    const { gateway, subgraph } = await createWorld(RULES)
    const held: (() => void)[] = []
    subgraph.behave = (response, { headers }) =>
      held.push(() => answer(response, { greeting: headers['x-locale'] ?? 'none' }))

    const answers = ['de', 'fr', 'de', undefined].map((locale) => ask(gateway.url, locale, '{ greeting }'))
    while (held.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (const go of held) go()

    const greetings = (await Promise.all(answers)).map(({ data }) => (data as { greeting: string }).greeting)
    expect(greetings).toEqual(['de', 'fr', 'de', 'none'])
    expect(subgraph.seen).toHaveLength(3)
  })

  it('do not find each other’s answers in the cache, and say by what they vary', async () => {
    const { gateway, subgraph } = await createWorld(RULES, {}, CACHED_TYPES)
    subgraph.behave = (response, { headers }) => answer(response, { clock: headers['x-locale'] ?? 'none' })

    const views = []
    for (const locale of ['de', 'fr', 'de', undefined])
      views.push(await ask(gateway.url, locale, '{ clock }'))

    expect(views.map(({ data, header }) => [(data as { clock: string }).clock, header('x-cache')])).toEqual([
      ['de', 'MISS'],
      ['fr', 'MISS'],
      ['de', 'HIT'],
      ['none', 'MISS'],
    ])
    for (const { header } of views) expect(header('vary')).toMatch(/x-locale/i)
  })
})

describe('response rules', () => {
  const TWO = {
    one: 'type Query { one: String }',
    two: 'type Query { two: String }',
  }

  async function createPair(response: readonly object[], config: object = {}) {
    const one = await createRecordingSubgraph({})
    const two = await createRecordingSubgraph({})
    one.behave = (reply) =>
      answer(
        reply,
        { one: '1' },
        { 'set-cookie': ['a=1; HttpOnly', 'b=2'], 'x-served-by': 'one', 'x-secret': 's' },
      )
    // Later than the first, so that the order is known.
    two.behave = (reply) =>
      void setTimeout(() => answer(reply, { two: '2' }, { 'Set-Cookie': 'c=3', 'X-Served-By': 'two' }), 60)
    const gateway = await startGateway(
      { one: { url: one.url, typeDefs: TWO.one }, two: { url: two.url, typeDefs: TWO.two } },
      { config: { upstream: { headers: { all: { response } } }, ...config } },
    )
    return { gateway, one, two }
  }

  async function headersOf(gateway: EmbeddedGateway): Promise<Headers> {
    const { headers } = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ one two }' }),
    })
    return headers
  }

  it.each([
    ['append', ['a=1; HttpOnly', 'b=2', 'c=3'], 'one, two'],
    ['first', ['a=1; HttpOnly', 'b=2'], 'one'],
    ['last', ['c=3'], 'two'],
  ] as const)('merge by %s', async (merge, cookies, servedBy) => {
    const { gateway } = await createPair([
      { propagate: 'set-cookie', merge },
      { propagate: 'X-Served-By', merge },
    ])

    const headers = await headersOf(gateway)

    expect(headers.getSetCookie()).toEqual(cookies)
    expect(headers.get('x-served-by')).toBe(servedBy)
    expect(headers.get('x-secret')).toBeNull()
  })

  it('let nothing through where there are none', async () => {
    const { gateway } = await createPair([])

    const headers = await headersOf(gateway)

    expect(headers.getSetCookie()).toEqual([])
    expect(headers.get('x-served-by')).toBeNull()
  })

  it('work on the Apollo front as well', async () => {
    const { gateway } = await createPair([{ propagate: 'set-cookie', merge: 'append' }], {
      server: { front: 'apollo' },
    })

    expect((await headersOf(gateway)).getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2', 'c=3'])
  })

  it('leave out what is too long', async () => {
    const { gateway, one } = await createPair([{ propagate: 'set-cookie', merge: 'append' }])
    one.behave = (reply) => answer(reply, { one: '1' }, { 'set-cookie': ['a='.padEnd(5_000, 'x'), 'b=2'] })

    expect((await headersOf(gateway)).getSetCookie()).toEqual(['b=2', 'c=3'])
  })

  it('give each client cookies of its own: nothing is shared in flight', async () => {
    const { gateway, subgraph } = await createWorld({
      all: { response: [{ propagate: 'set-cookie', merge: 'append' }] },
    })
    let sessions = 0
    subgraph.behave = (reply) => {
      const session = `s=${String(++sessions)}`
      setTimeout(() => answer(reply, { greeting: 'hello' }, { 'set-cookie': session }), 50)
    }
    const post = async (): Promise<string[]> => {
      const { headers } = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ greeting }' }),
      })
      return headers.getSetCookie()
    }

    const cookies = (await Promise.all([post(), post(), post()])).flat()

    expect(new Set(cookies).size).toBe(3)
  })

  it.each([
    ['where a rule lets the cookie through', [{ propagate: 'set-cookie', merge: 'append' }]],
    ['where none does', []],
  ])('keep no answer that came with a cookie, %s', async (_name, response) => {
    const { gateway, subgraph } = await createWorld({ all: { response } }, {}, CACHED_TYPES)
    subgraph.behave = (reply) =>
      answer(reply, { clock: 'noon' }, { 'set-cookie': 's=1', 'cache-control': 'public, max-age=60' })

    const views = [await askGraphql(gateway.url, '{ clock }'), await askGraphql(gateway.url, '{ clock }')]

    expect(views.map(({ header }) => header('x-cache'))).toEqual(['MISS', 'MISS'])
    for (const { header } of views) expect(header('cache-control')).toBe('no-store')
    expect(subgraph.seen).toHaveLength(2)
  })
})
