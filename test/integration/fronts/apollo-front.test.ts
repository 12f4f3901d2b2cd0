/** `server.front: apollo` in a config of its own: the whole gateway behind Apollo Server, over the same subgraphs. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { ROOT, startShop, type Shop } from '../../support/shop.js'
import { describeWithPostgres, startPostgres, type TestPostgres } from '../../support/start-postgres.js'
import { askFront, type FrontRequest, type FrontView } from './compare-fronts.js'

describeWithPostgres('the two fronts of one shop', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-fronts-'))
  let postgres: TestPostgres
  let shop: Shop
  let own: string
  let apollo: string
  const tokens: Record<string, string> = {}

  beforeAll(async () => {
    postgres = await startPostgres()
    // Without a Redis: each gateway counts and remembers for itself, so that equal requests have equal answers.
    shop = await startShop({ databaseUrl: postgres.url })
    own = shop.gateways[0]?.url ?? ''
    apollo = (await shop.addGateway({}, writeApolloConfig(directory))).url
    tokens['reader'] = await shop.token('u-1', ['order:read'])
    tokens['writer'] = await shop.token('u-2', ['order:read', 'order:write', 'user:read', 'user:email'])
  })

  afterAll(async () => {
    await shop.close()
    await postgres.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Asks both and expects one answer. `user` is put in as the bearer of a token. */
  const ask = async (request: FrontRequest, user?: string): Promise<FrontView> => {
    const authorization = user === undefined ? {} : { authorization: `Bearer ${tokens[user] ?? user}` }
    const asked = { ...request, headers: { ...authorization, ...request.headers } }
    const [one, other] = await Promise.all([askFront(own, asked), askFront(apollo, asked)])
    expect(other).toEqual(one)
    return other
  }
  /** Of a GraphQL answer, or of a problem. */
  const codes = ({ body }: FrontView): readonly string[] =>
    body.errors?.map((error: { extensions: { code: string } }) => error.extensions.code) ?? [body.code ?? '']

  describe('policy', () => {
    it('prunes fields for want of scopes, and says where', async () => {
      const query = '{ me { name orders(first: 1) { totalCount } } post: me { email } }'
      const view = await ask({ body: { query } }, 'reader')
      expect(view.status).toBe(200)
      expect(view.body.data).toEqual({
        me: { name: expect.any(String), orders: { totalCount: expect.any(Number) } },
        post: null,
      })
      expect(view.body.errors).toMatchObject([
        { path: ['post', 'email'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } },
      ])
    })

    it('gives everything to who may have it', async () => {
      const view = await ask({ body: { query: '{ me { email } user(id: "u-3") { id name } }' } }, 'writer')
      expect(view.body).toEqual({
        data: { me: { email: expect.any(String) }, user: { id: 'u-3', name: expect.any(String) } },
      })
    })

    it.each([
      ['a token that is none', 'not.a.token'],
      ['a forged signature', 'eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1LTEifQ.AAAA'],
    ])('answers 401 to %s', async (_, token) => {
      const view = await ask({ body: { query: '{ __typename }' } }, token)
      expect([view.status, codes(view)]).toEqual([401, ['UNAUTHENTICATED']])
      expect(view.headers['www-authenticate']).toMatch(/^Bearer /)
    })

    it('refuses two credentials at once', async () => {
      const view = await ask({ body: { query: '{ __typename }' }, headers: { 'x-api-key': 'k' } }, 'reader')
      expect([view.status, codes(view)]).toEqual([400, ['BAD_REQUEST']])
    })

    it('applies the graphql-shield rules before a subgraph is asked', async () => {
      const query = 'mutation { addToCart(productId: "p-1", quantity: 1000) { itemCount } }'
      const view = await ask({ body: { query } }, 'reader')
      expect(view.body.errors).toMatchObject([
        { message: expect.stringContaining('from 1 to 99'), path: ['addToCart'] },
      ])
    })

    it('limits a field with @rateLimit, and the request when nothing else was asked', async () => {
      const query = 'query Search($text: String!) { searchProducts(text: $text, first: 1) { id } }'
      const statuses: number[] = []
      for (let count = 0; count < 31; count += 1) {
        const view = await ask({ body: { query, variables: { text: `word ${String(count)}` } } }, 'reader')
        statuses.push(view.status)
        if (view.status === 429) expect(codes(view)).toEqual(['FIELD_RATE_LIMITED'])
      }
      expect(statuses).toEqual([...Array.from({ length: 30 }, () => 200), 429])
    })

    it('remembers an answer, and tells so', async () => {
      const body = { query: '{ product(id: "p-77") { name price { amount currency } } }' }
      const [first, second] = [await ask({ body }), await ask({ body })]
      expect([first.headers['x-cache'], second.headers['x-cache']]).toEqual(['MISS', 'HIT'])
      expect(second.body).toEqual(first.body)
      expect(second.headers).toHaveProperty('age')
    })

    it('counts every request against the limit of its caller', async () => {
      const [before, after] = [
        await ask({ body: { query: '{ __typename }' } }, 'writer'),
        await ask({ body: { query: '{ __typename }' } }, 'writer'),
      ]
      const remaining = (view: FrontView) => Number(view.headers['x-ratelimit-remaining'])
      expect(remaining(before) - remaining(after)).toBe(1)
      expect(after.headers).toMatchObject({
        'x-ratelimit-limit': '600',
        'ratelimit-policy': expect.any(String),
      })
    })
  })

  describe('answers', () => {
    const GRAPHQL = 'application/graphql-response+json'
    const wide = `{ me { ${Array.from({ length: 40 }, (_, index) => `a${String(index)}: id`).join(' ')} } }`
    const deep = `{ me ${'{ orders { nodes { customer '.repeat(12)}{ id }${' } } }'.repeat(12)} }`

    it.each<[string, FrontRequest, number, string]>([
      ['a syntax error', { body: { query: '{' } }, 200, 'GRAPHQL_PARSE_FAILED'],
      [
        'a syntax error, by the newer media type',
        { body: { query: '{' }, headers: { accept: GRAPHQL } },
        400,
        'GRAPHQL_PARSE_FAILED',
      ],
      [
        'an unknown field',
        { body: { query: '{ nothing }' }, headers: { accept: GRAPHQL } },
        400,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      ['too many aliases', { body: { query: wide }, headers: { accept: GRAPHQL } }, 400, 'MAX_ALIASES_LIMIT'],
      ['too deep a query', { body: { query: deep }, headers: { accept: GRAPHQL } }, 400, 'MAX_DEPTH_LIMIT'],
      [
        'a missing variable',
        { body: { query: 'query ($id: ID!) { product(id: $id) { id } }' }, headers: { accept: GRAPHQL } },
        400,
        'BAD_USER_INPUT',
      ],
      [
        'two operations and no name',
        { body: { query: 'query A { __typename } query B { __typename }' }, headers: { accept: GRAPHQL } },
        400,
        'OPERATION_RESOLUTION_FAILURE',
      ],
      [
        'an unknown hash',
        { body: { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } } },
        200,
        'PERSISTED_QUERY_NOT_FOUND',
      ],
      ['a body that is no JSON', { body: '{' }, 400, 'BAD_REQUEST'],
      ['a batch', { body: '[{"query":"{ __typename }"}]' }, 400, 'BAD_REQUEST'],
      [
        'an unknown media type',
        { body: 'x', headers: { 'content-type': 'application/xml' } },
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      [
        'an answer that we do not write',
        { body: { query: '{ __typename }' }, headers: { accept: 'image/png' } },
        406,
        'NOT_ACCEPTABLE',
      ],
      [
        'GET',
        {
          method: 'GET',
          path: '/graphql?query=%7B__typename%7D',
          headers: { 'apollo-require-preflight': '1' },
        },
        200,
        '',
      ],
      [
        'GET without a preflight',
        { method: 'GET', path: '/graphql?query=%7B__typename%7D', headers: { 'content-type': 'text/plain' } },
        400,
        'CSRF_ERROR',
      ],
      [
        'a mutation by GET',
        {
          method: 'GET',
          path: `/graphql?query=${encodeURIComponent('mutation { markNotificationsRead(ids: []) }')}`,
          headers: { 'apollo-require-preflight': '1' },
        },
        405,
        'METHOD_NOT_ALLOWED',
      ],
      ['another method', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED'],
      ['introspection', { body: { query: '{ __schema { queryType { name } types { name } } }' } }, 200, ''],
      ['an endpoint that needs a user', { method: 'GET', path: '/mobile/home' }, 401, 'UNAUTHENTICATED'],
      ['a health route', { method: 'GET', path: '/health/live' }, 200, ''],
    ])('are the same for %s', async (_, request, status, code) => {
      const view = await ask(request)
      expect([view.status, codes(view).join()]).toEqual([status, code])
      expect(JSON.stringify(view.body)).not.toMatch(/stacktrace|node_modules|127\.0\.0\.1/)
    })

    it('differ in one thing: the Apollo front asks for the text of a known hash, for its plugins to see it', async () => {
      const query = 'query Known { __typename }'
      const sha256Hash = createHash('sha256').update(query).digest('hex')
      const extensions = { persistedQuery: { version: 1, sha256Hash } }
      await ask({ body: { query, extensions } })
      const [one, other] = await Promise.all(
        [own, apollo].map((url) => askFront(url, { body: { extensions } })),
      )
      expect(one?.body).toEqual({ data: { __typename: 'Query' } })
      expect(other?.body.errors[0].extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND')
      // Counted all the same.
      expect(other?.headers['x-ratelimit-remaining']).toBe(one?.headers['x-ratelimit-remaining'])
    })

    it('are the same, and masked, while a subgraph is away', async () => {
      await shop.subgraphs.product.kill()
      const view = await ask({ body: { query: '{ me { name } product(id: "p-311") { name } }' } }, 'writer')
      expect(view.status).toBe(200)
      expect(view.body.data).toEqual({ me: { name: expect.any(String) }, product: null })
      expect(codes(view)).toEqual(['SUBREQUEST_HTTP_ERROR'])
      expect(JSON.stringify(view.body)).not.toMatch(/ECONN|127\.0\.0\.1|http:|stack/)
    })
  })
})

/** gateway.yaml with the other front; its paths start at the file's folder, so here they are whole. */
function writeApolloConfig(directory: string): string {
  const config = parse(readFileSync(join(ROOT, 'gateway.yaml'), 'utf8'))
  config.server.front = 'apollo'
  config.supergraph.file = join(ROOT, config.supergraph.file)
  config.authorization.rules = join(ROOT, config.authorization.rules)
  config.bff.directory = join(ROOT, config.bff.directory)
  const file = join(directory, 'gateway.yaml')
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(config))
  return file
}
