/** Limits on cost and on fields that a reload changes, as the clients of a serving gateway meet them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  answer,
  createRecordingSubgraph,
  startGateway,
  stopAfterEach,
  type EmbeddedGateway,
  type RecordingSubgraph,
} from '../../support/embedded-gateway.js'
import { eventually } from '../../support/eventually.js'
import { askGraphql, getJson, type ClientView } from '../../support/graphql-client.js'
import { FEDERATION_LINK, makeSupergraph, RATE_LIMIT_LINK } from '../../support/make-supergraph.js'
import { closeSockets, openSocketClient } from '../../support/socket-client.js'
import { createStreamWorld, emma, endWorldsAfterEach } from '../streaming/world.js'

stopAfterEach()
endWorldsAfterEach()
afterEach(closeSockets)

const SHOP = `${FEDERATION_LINK}${RATE_LIMIT_LINK}
  type Query {
    items(first: Int = 4): [Item] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
    unsized: [Item]
    rare: String @rateLimit(limit: 1, duration: 600)
  }
  type Item @key(fields: "id") { id: ID! }
`
const REVIEWS = `${FEDERATION_LINK}
  type Item @key(fields: "id") { id: ID! stars: Int }
  type Query { newest(first: Int!): [Item] @listSize(slicingArguments: ["first"]) }
`
const ITEMS = 'query Items($n: Int) { items(first: $n) { id } }'
const NEWEST = '{ newest(first: 3) { id } }'

async function createWorld(cost: object = {}, more: object = {}) {
  const shop = await createRecordingSubgraph({ items: [{ id: '1' }], unsized: [], rare: 'found' })
  const reviews = await createRecordingSubgraph({ newest: [] })
  const subgraphs = {
    shop: { url: shop.url, typeDefs: SHOP },
    reviews: { url: reviews.url, typeDefs: REVIEWS },
  }
  const gateway = await startGateway(subgraphs, {
    config: configOf(cost, more),
    page: 'query Page { items { id } }',
  })
  const ask = (query: string, n?: number) => askGraphql(gateway.url, query, { variables: { n } })
  const codes = async (query: string, n?: number) =>
    (await ask(query, n)).errors.map(({ extensions }) => extensions.code)
  return { gateway, shop, reviews, ask, codes, ...reloadsOf(gateway) }
}

/** Asks, and keeps the answer of the shop back until what it gives is called. */
async function holdItems(
  shop: RecordingSubgraph,
  ask: () => Promise<ClientView>,
): Promise<() => Promise<ClientView>> {
  const { behave } = shop
  let goOn = (): void => undefined
  shop.behave = (response) => {
    goOn = () => answer(response, { items: [{ id: '1' }] })
  }
  const asked = ask()
  await eventually(
    () => shop.seen.length,
    (count) => count === 1,
  )
  return () => {
    goOn()
    shop.behave = behave
    return asked
  }
}

function configOf(cost: object, more: object = {}) {
  return { limits: { cost, ...more }, cache: { enabled: false } }
}

function reloadsOf(gateway: EmbeddedGateway) {
  return {
    reload: async (cost: object, more: object = {}) => {
      const { status, body } = await gateway.reload(configOf(cost, more))
      expect({ status, body }).toMatchObject({ status: 200, body: { restartNeeded: [] } })
      return body.changed as readonly string[]
    },
    refuse: async (cost: object, more: object = {}) => {
      const { status, body } = await gateway.reload(configOf(cost, more))
      expect({ status, body }).toMatchObject({ status: 409, body: { code: 'RELOAD_REFUSED' } })
      return body as { readonly detail: string; readonly findings?: readonly string[] }
    },
  }
}

const enforce = (anonymous: number, more: object = {}) => ({
  mode: 'enforce',
  maximum: { anonymous },
  ...more,
})
const TOO_EXPENSIVE = ['COST_ESTIMATED_TOO_EXPENSIVE']
const EMPTY = ['REQUEST_RATE_LIMITED']

describe('a reload', () => {
  it('changes the maximum of one operation, in both directions', async () => {
    const { codes, reload } = await createWorld(enforce(10))
    expect(await codes(ITEMS, 10)).toEqual([])
    expect(await reload(enforce(9))).toEqual(['limits.cost.maximum.anonymous'])
    expect(await codes(ITEMS, 10)).toEqual(TOO_EXPENSIVE)
    await reload(enforce(10))
    expect(await codes(ITEMS, 10)).toEqual([])
  })

  it('goes from off over measuring to enforcing, and back', async () => {
    const { gateway, codes, reload, ask } = await createWorld({ maximum: { anonymous: 3 } })
    const report = { report: { extensions: 'always' } }
    const told = async () => (JSON.parse((await ask(ITEMS, 4)).text) as { extensions?: object }).extensions
    expect(await told()).toBeUndefined()
    await reload({ maximum: { anonymous: 3 }, mode: 'measure', ...report })
    expect(await told()).toEqual({ cost: { estimated: 4, actual: 1, maximum: 3 } })
    await reload(enforce(3, report))
    expect(await codes(ITEMS, 4)).toEqual(TOO_EXPENSIVE)
    const explained = await fetch(`${gateway.adminUrl}/explain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: ITEMS, variables: { n: 4 } }),
    })
    expect(await explained.json()).toMatchObject({ cost: { estimated: 4, maximum: 3, mode: 'enforce' } })
    await reload({ mode: 'off' })
    expect(await codes(ITEMS, 4)).toEqual([])
    expect(await told()).toBeUndefined()
  })

  it('leaves no estimate that was made with another size of lists', async () => {
    const { codes, reload } = await createWorld(enforce(20, { listSize: 10 }))
    expect(await codes('{ unsized { id } }')).toEqual([])
    await reload(enforce(20, { listSize: 21 }))
    expect(await codes('{ unsized { id } }')).toEqual(TOO_EXPENSIVE)
  })

  it('acts on endpoints', async () => {
    const { gateway, reload } = await createWorld(enforce(4))
    expect((await getJson(`${gateway.url}/page`)).status).toBe(200)
    await reload(enforce(3))
    expect(await getJson(`${gateway.url}/page`)).toMatchObject({
      status: 400,
      body: { code: 'COST_ESTIMATED_TOO_EXPENSIVE' },
    })
  })

  it('acts on the opening of subscriptions and on the events of those that are open', async () => {
    const { gateway, books } = await createStreamWorld(configOf(enforce(1)))
    const { reload } = reloadsOf(gateway)
    const client = await openSocketClient(gateway.url, { headers: { 'x-cost': 'report' } })
    await client.init()
    client.subscribe('1', 'subscription { bookChanged { id title stars } }')
    const source = await books.opened(0)
    const bucket = {
      ...{ enabled: true, windowSeconds: 3_600 },
      ...{ perWindow: { anonymous: 1 }, burst: { anonymous: 1 } },
    }
    await reload(enforce(1, { bucket, report: { extensions: 'never' } }))
    client.subscribe('2', 'subscription { bookChanged { id } }')
    await books.opened(1)
    client.subscribe('3', 'subscription { bookChanged { title } }')
    expect(await client.outcome('3')).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'REQUEST_RATE_LIMITED', costEstimated: 1 } }] },
    ])
    source.next(emma())
    source.complete()
    expect(await client.outcome('1')).toEqual([
      { type: 'next', id: '1', payload: { data: { bookChanged: { id: '1', title: 'Emma', stars: 5 } } } },
      { type: 'complete', id: '1' },
    ])
  })

  it('leaves what is in flight the limits that it was admitted with', async () => {
    const { ask, codes, reload, shop } = await createWorld(enforce(10, { report: { headers: 'always' } }))
    const finish = await holdItems(shop, () => ask(ITEMS, 10))
    await reload(enforce(5))
    expect(await codes(ITEMS, 10)).toEqual(TOO_EXPENSIVE)
    const { status, header } = await finish()
    expect(['estimated', 'actual', 'max'].map((name) => header(`x-cost-${name}`))).toEqual(['10', '1', '10'])
    expect(status).toBe(200)
  })

  it('changes budgets of subgraphs', async () => {
    const { codes, reload, reviews } = await createWorld(enforce(100))
    expect(await codes(NEWEST)).toEqual([])
    const budget = (maximum: number) => enforce(100, { subgraphs: { reviews: { maximum } } })
    expect(await reload(budget(2))).toEqual(['limits.cost.subgraphs.reviews'])
    expect(await codes(NEWEST)).toEqual(['SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE'])
    expect(reviews.seen).toHaveLength(1)
    expect(await reload(budget(3))).toEqual(['limits.cost.subgraphs.reviews.maximum'])
    expect(await codes(NEWEST)).toEqual([])
  })

  it('turns limits on fields off and on, and what was counted stays counted', async () => {
    const { codes, reload } = await createWorld()
    expect(await codes('{ rare }')).toEqual([])
    expect(await codes('{ rare }')).toEqual(['FIELD_RATE_LIMITED'])
    expect(await reload({}, { fields: { enabled: false } })).toEqual(['limits.fields.enabled'])
    expect(await codes('{ rare }')).toEqual([])
    await reload({})
    expect(await codes('{ rare }')).toEqual(['FIELD_RATE_LIMITED'])
  })

  it('turns limits on fields on where they were off from the start', async () => {
    const { codes, reload } = await createWorld({}, { fields: { enabled: false } })
    expect([await codes('{ rare }'), await codes('{ rare }')]).toEqual([[], []])
    await reload({})
    expect(await codes('{ rare }')).toEqual([])
    expect(await codes('{ rare }')).toEqual(['FIELD_RATE_LIMITED'])
  })
})

describe('the bucket of cost, over a reload', () => {
  /** Refilled by one in an hour, or so many. */
  const bucketOf = (burst: number, { windowSeconds = 3_600, perWindow = 1, maximum = 10 } = {}) =>
    enforce(maximum, {
      bucket: {
        ...{ enabled: true, windowSeconds },
        ...{ perWindow: { anonymous: perWindow }, burst: { anonymous: burst } },
      },
    })
  const createBucket = async (burst: number) => {
    const world = await createWorld(bucketOf(burst))
    // As many as were asked for, so that nothing is given back.
    world.shop.behave = (response, { body }) => {
      const { variables } = JSON.parse(body) as { variables: Record<string, number> }
      const [length = 0] = Object.values(variables)
      answer(response, { items: Array.from({ length }, (_, id) => ({ id: String(id) })) })
    }
    const left = async (n: number) => {
      const { header } = await world.ask(ITEMS, n)
      return Number(/"cost";r=(\d+)/.exec(header('ratelimit') ?? '')?.[1])
    }
    return { ...world, left }
  }

  it('keeps what was taken from it, where it holds more from now on', async () => {
    const { left, reload } = await createBucket(20)
    expect(await left(10)).toBe(10)
    expect(await reload(bucketOf(30))).toEqual(['limits.cost.bucket.burst.anonymous'])
    expect(await left(1)).toBe(19)
  })

  it('is empty and not less, where it holds less than was taken', async () => {
    const { left, reload, ask } = await createBucket(40)
    for (const rest of [30, 20, 10]) expect(await left(10)).toBe(rest)
    await reload(bucketOf(10, { maximum: 5 }))
    const refused = await ask(ITEMS, 1)
    expect(refused.errors[0]?.extensions.code).toBe('REQUEST_RATE_LIMITED')
    expect(refused.header('ratelimit')).toContain('"cost";r=0;')
    // An hour for this point, and none for the twenty that were taken beyond ten.
    expect(Number(refused.header('retry-after'))).toBeLessThan(2 * 3_600)
    await reload(bucketOf(40))
    expect(await left(1)).toBe(29)
  })

  it('keeps what was taken also where it is refilled otherwise', async () => {
    const { left, reload } = await createBucket(20)
    expect(await left(10)).toBe(10)
    await reload(bucketOf(20, { windowSeconds: 86_400 }))
    expect(await left(1)).toBe(9)
    await reload(bucketOf(20, { windowSeconds: 7_200, perWindow: 2 }))
    expect(await left(1)).toBe(8)
  })

  it('gets back what an operation does not need that was admitted before', async () => {
    const { left, reload, ask, shop } = await createBucket(20)
    const finish = await holdItems(shop, () => ask(ITEMS, 10))
    await reload(bucketOf(30, { windowSeconds: 86_400 }))
    await finish()
    expect(await left(1)).toBe(28)
  })

  it('is there from the reload that turns it on, and full', async () => {
    const { codes, reload } = await createWorld(enforce(10))
    expect(await codes(ITEMS, 10)).toEqual([])
    await reload(bucketOf(10))
    expect(await codes(ITEMS, 10)).toEqual([])
    expect(await codes(ITEMS, 10)).toEqual(EMPTY)
    await reload(enforce(10))
    expect(await codes(ITEMS, 10)).toEqual([])
  })
})

describe('a reload that is refused', () => {
  const before = { requests: { perWindow: { anonymous: 7 } } }
  const after = { requests: { perWindow: { anonymous: 8 } } }

  it('names what is not valid, and leaves everything as it was', async () => {
    const { ask, codes, refuse } = await createWorld(enforce(10), before)
    const { findings } = await refuse({ ...enforce(3), listSize: -1 }, after)
    expect(findings).toEqual([expect.stringContaining('limits.cost.listSize')])
    expect(await codes(ITEMS, 10)).toEqual([])
    expect((await ask(ITEMS, 1)).header('x-ratelimit-limit')).toBe('7')
  })

  it('refuses a bucket that cannot hold one operation', async () => {
    const { codes, refuse } = await createWorld(enforce(10))
    const { findings } = await refuse(enforce(20, { bucket: { enabled: true, burst: { anonymous: 19 } } }))
    expect(findings).toEqual([expect.stringContaining('limits.cost.bucket.burst.anonymous')])
    expect(await codes(ITEMS, 11)).toEqual(TOO_EXPENSIVE)
  })

  it('refuses a budget of a subgraph that there is not, and leaves everything as it was', async () => {
    const { ask, codes, refuse, reload } = await createWorld(enforce(10), before)
    const { detail } = await refuse(enforce(3, { subgraphs: { revews: { maximum: 1 } } }), after)
    expect(detail).toContain('limits.cost.subgraphs names revews, which is no subgraph')
    expect(await codes(ITEMS, 10)).toEqual([])
    expect((await ask(ITEMS, 1)).header('x-ratelimit-limit')).toBe('7')
    expect(await reload(enforce(3), after)).toEqual([
      'limits.requests.perWindow.anonymous',
      'limits.cost.maximum.anonymous',
    ])
    expect(await codes(ITEMS, 4)).toEqual(TOO_EXPENSIVE)
  })
})

describe('limits that are refused beside rules that are not', () => {
  it('stay as they were, and the answer says that the rules do not', async () => {
    const shop = await createRecordingSubgraph({ unsized: [] })
    const configOfBoth = (cost: object) => ({
      ...configOf(cost),
      authorization: { rules: 'rules.mjs', watchRules: false },
    })
    const gateway = await startGateway(
      { shop: { url: shop.url, typeDefs: SHOP } },
      { config: configOfBoth(enforce(10)), files: { 'rules.mjs': 'export default {}' } },
    )
    const { status, body } = await gateway.reload(
      configOfBoth(enforce(3, { subgraphs: { revews: { maximum: 1 } } })),
    )
    expect([status, body.code]).toEqual([409, 'RELOAD_REFUSED'])
    expect(body.detail).toContain('the rules serve as they were read again')
    expect((await askGraphql(gateway.url, '{ unsized { id } }')).errors).toEqual([])
  })
})

describe('a graph that is reloaded together with its limits', () => {
  const budget = enforce(10, { subgraphs: { reviews: { maximum: 2 } } })
  const writeGraph = ({ folder }: EmbeddedGateway, url: string, names: readonly string[]) => {
    const graph = [
      { name: 'shop', url, typeDefs: SHOP },
      { name: 'reviews', url, typeDefs: REVIEWS },
    ].filter(({ name }) => names.includes(name))
    writeFileSync(join(folder, 'own.graphql'), makeSupergraph(graph).sdl)
  }

  it('may lose a subgraph and its budget', async () => {
    const { gateway, shop, codes, reload, refuse } = await createWorld(budget)
    writeGraph(gateway, shop.url, ['shop'])
    expect((await refuse(budget)).detail).toContain('limits.cost.subgraphs names reviews')
    expect(await codes(NEWEST)).toEqual(['SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE'])
    expect(await reload(enforce(5))).toEqual([
      'limits.cost.maximum.anonymous',
      'limits.cost.subgraphs.reviews',
    ])
    expect(await codes(NEWEST)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(await codes(ITEMS, 6)).toEqual(TOO_EXPENSIVE)
  })

  it('may get a subgraph and its budget', async () => {
    const { gateway, shop, codes, reload } = await createWorld(enforce(10))
    writeGraph(gateway, shop.url, ['shop'])
    await reload(enforce(10))
    writeGraph(gateway, shop.url, ['shop', 'reviews'])
    await reload(budget)
    expect(await codes(NEWEST)).toEqual(['SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE'])
  })

  it('is served with the limits of the last reload', async () => {
    const { gateway, shop, codes, reload } = await createWorld(enforce(10))
    await reload(enforce(5), { fields: { enabled: false } })
    writeGraph(gateway, shop.url, ['shop'])
    await reload(enforce(5), { fields: { enabled: false } })
    expect(await codes(NEWEST)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(await codes(ITEMS, 6)).toEqual(TOO_EXPENSIVE)
    expect([await codes('{ rare }'), await codes('{ rare }')]).toEqual([[], []])
  })
})
