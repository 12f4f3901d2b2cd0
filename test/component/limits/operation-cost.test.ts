/** What operations cost, as clients see it. */
import { describe, expect, it } from '@jest/globals'
import {
  createRecordingSubgraph,
  startGateway,
  stopAfterEach,
  type EmbeddedOptions,
} from '../../support/embedded-gateway.js'

stopAfterEach()

const SHOP = `
  type Query {
    items(first: Int = 10): [Item!]! @listSize(slicingArguments: ["first"]) @cacheControl(maxAge: 60)
    chosen(first: Int, last: Int): [Item!] @listSize(slicingArguments: ["first", "last"])
    secret: Item @authenticated
  }
  type Mutation { buy: Item }
  type Item { id: ID! maker: Maker @cacheControl(maxAge: 60) }
  type Maker { name: String }
`
const LINK = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@listSize", "@authenticated", "@composeDirective"])
  @link(url: "https://gatehouse.dev/cacheControl/v1.0", import: ["@cacheControl"])
  @composeDirective(name: "@cacheControl")
  directive @cacheControl(maxAge: Int) on FIELD_DEFINITION
`
const THREE = {
  items: [
    { id: '1', maker: { name: 'Ada' } },
    { id: '2', maker: null },
    { id: '3', maker: { name: 'Bo' } },
  ],
}

async function createWorld(cost: object, options: EmbeddedOptions = {}) {
  const shop = await createRecordingSubgraph(THREE)
  const gateway = await startGateway(
    { shop: { url: shop.url, typeDefs: LINK + SHOP } },
    { ...options, config: { ...options.config, limits: { cost } } },
  )
  const ask = async (query: string, headers: Record<string, string> = {}, variables = {}) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    const costs = ['estimated', 'actual', 'max'].map((name) => response.headers.get(`x-cost-${name}`))
    return { status: response.status, head: response.headers, costs, body: await response.json() }
  }
  return { shop, gateway, ask }
}

const ITEMS = 'query ($n: Int) { items(first: $n) { id maker { name } } }'
const REPORT = { 'x-cost': 'report' }

describe('the cost of an operation', () => {
  it('is told to who asks for it: estimated, actual and the maximum', async () => {
    const { ask } = await createWorld({ mode: 'measure', maximum: { anonymous: 4 } })
    const told = await ask(ITEMS, REPORT, { n: 5 })
    expect(told.body).toEqual({ data: THREE, extensions: { cost: { estimated: 10, actual: 5, maximum: 4 } } })
    expect(told.costs).toEqual(['10', '5', '4'])
    expect(told.head.get('cache-control')).toBe('no-store')

    const silent = await ask(ITEMS, {}, { n: 5 })
    expect(silent.body).toEqual({ data: THREE })
    expect(silent.costs).toEqual([null, null, null])
  })

  it('is refused over the maximum before a subgraph is asked, where it is enforced', async () => {
    const { ask, shop } = await createWorld({ mode: 'enforce', maximum: { anonymous: 10 } })
    expect(await ask(ITEMS, {}, { n: 6 })).toMatchObject({
      status: 400,
      body: {
        errors: [
          { extensions: { code: 'COST_ESTIMATED_TOO_EXPENSIVE', costEstimated: 12, costMaximum: 10 } },
        ],
      },
    })
    expect(shop.seen).toHaveLength(0)
    expect(await ask(ITEMS, {}, { n: 5 })).toMatchObject({ status: 200, body: { data: THREE } })
  })

  it('leaves out what the caller may not have', async () => {
    const { ask, shop } = await createWorld({ mode: 'enforce', maximum: { anonymous: 2 } })
    const refused = await ask(
      '{ items(first: 1) { id } a: secret { maker { name } } b: secret { id } }',
      REPORT,
    )
    expect(refused).toMatchObject({ status: 200, body: { extensions: { cost: { estimated: 1 } } } })
    const nothing = await ask('{ secret { maker { name } } }', REPORT)
    expect(nothing.body).toMatchObject({
      data: { secret: null },
      extensions: { cost: { estimated: 0, actual: 0 } },
    })
    expect(shop.seen).toHaveLength(1)
  })

  it('of an answer from the cache is nothing, and no cache keeps what one client was told', async () => {
    const { ask, shop } = await createWorld({ mode: 'measure' }, { config: { cache: { enabled: true } } })
    const first = await ask(ITEMS, REPORT, { n: 3 })
    expect(first.body.extensions).toEqual({ cost: { estimated: 6, actual: 5, maximum: 2_000 } })
    const plain = await ask(ITEMS, {}, { n: 3 })
    expect(plain.head.get('x-cache')).toBe('HIT')
    expect(plain.body).toEqual({ data: THREE })
    const again = await ask(ITEMS, REPORT, { n: 3 })
    expect(again.head.get('x-cache')).toBe('HIT')
    expect(again.body).toEqual({
      data: THREE,
      extensions: { cost: { estimated: 6, actual: 0, maximum: 2_000 } },
    })
    expect(shop.seen).toHaveLength(1)
  })

  it('is paid from the caller’s bucket, which gets back what was not needed', async () => {
    const bucket = {
      enabled: true,
      perWindow: { anonymous: 1 },
      windowSeconds: 3_600,
      burst: { anonymous: 20 },
    }
    const { ask, shop } = await createWorld({ mode: 'enforce', maximum: { anonymous: 20 }, bucket })
    // 20 are taken for the first and 15 given back, then 14 for the second and 9 given back.
    expect(await ask(ITEMS, {}, { n: 10 })).toMatchObject({ status: 200 })
    const second = await ask(ITEMS, {}, { n: 7 })
    expect(second.status).toBe(200)
    expect(second.head.get('ratelimit-policy')).toContain('"cost";q=20;w=72000')
    expect(second.head.get('ratelimit')).toContain('"cost";r=10;')
    const refused = await ask(ITEMS, {}, { n: 6 })
    expect(refused).toMatchObject({
      status: 429,
      body: { errors: [{ extensions: { code: 'REQUEST_RATE_LIMITED', costEstimated: 12 } }] },
    })
    expect(Number(refused.head.get('retry-after'))).toBe(refused.body.errors[0].extensions.retryAfterSeconds)
    expect(shop.seen).toHaveLength(2)
    expect(await ask(ITEMS, {}, { n: 5 })).toMatchObject({ status: 200 })
  })

  it.each([
    ['without any data', { data: null, errors: [{ message: 'x' }] }],
    ['in one field', { data: { items: null }, errors: [{ message: 'x', path: ['items', 0, 'maker'] }] }],
  ])('is paid whole where a subgraph failed %s: nobody knows what its work was', async (_how, reply) => {
    const bucket = {
      enabled: true,
      perWindow: { anonymous: 1 },
      windowSeconds: 3_600,
      burst: { anonymous: 20 },
    }
    const { ask, shop } = await createWorld({ mode: 'enforce', maximum: { anonymous: 20 }, bucket })
    shop.behave = (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
    expect((await ask(ITEMS, {}, { n: 10 })).body.errors[0].extensions.code).toBe('SUBGRAPH_ERROR')
    expect((await ask(ITEMS, {}, { n: 10 })).body.errors[0].extensions.code).toBe('REQUEST_RATE_LIMITED')
    expect(shop.seen).toHaveLength(1)
  })

  it('is told always, or never, as the configuration says', async () => {
    const always = await createWorld({ mode: 'measure', report: { extensions: 'always', headers: 'never' } })
    const told = await always.ask(ITEMS, {}, { n: 3 })
    expect(told.body.extensions.cost).toEqual({ estimated: 6, actual: 5, maximum: 2_000 })
    expect(told.costs).toEqual([null, null, null])
    const never = await createWorld({ mode: 'measure', report: { extensions: 'never', headers: 'never' } })
    expect((await never.ask(ITEMS, REPORT, { n: 3 })).body).toEqual({ data: THREE })
    const off = await createWorld({ mode: 'off' })
    expect((await off.ask(ITEMS, REPORT, { n: 3 })).body).toEqual({ data: THREE })
  })

  it('needs the argument that says how long a list may be, only where it is enforced', async () => {
    const enforced = await createWorld({ mode: 'enforce' })
    expect(await enforced.ask('{ chosen(first: 1, last: 1) { id } }')).toMatchObject({
      body: {
        errors: [
          {
            message: 'Query.chosen needs exactly one of first, last, which says how long its list may be.',
            locations: [{ line: 1, column: 3 }],
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
          },
        ],
      },
    })
    expect(enforced.shop.seen).toHaveLength(0)
    const measured = await createWorld({ mode: 'measure' })
    expect((await measured.ask('{ chosen { id } }', REPORT)).body.extensions.cost.estimated).toBe(10)
  })

  it('is counted in metrics', async () => {
    const { ask, gateway } = await createWorld({ mode: 'measure' })
    await ask(ITEMS, {}, { n: 7 })
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(text).toContain('gateway_operation_cost_units_sum{kind="estimated"} 14')
    expect(text).toContain('gateway_operation_cost_units_sum{kind="actual"} 5')
    expect(text).toContain('gateway_operation_cost_units_bucket{le="10",kind="estimated"} 0')
  })

  it('is part of an explanation', async () => {
    const { gateway } = await createWorld({ mode: 'enforce', maximum: { anonymous: 3 } })
    const explain = async (query: string) =>
      (
        await fetch(`${gateway.adminUrl}/explain`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        })
      ).json()
    expect(await explain('{ items(first: 2) { maker { name } } }')).toMatchObject({
      cost: { estimated: 4, maximum: 3, mode: 'enforce' },
    })
  })
})
