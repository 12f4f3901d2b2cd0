import { describe, expect, it } from '@jest/globals'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { SubgraphReply } from '../../../src/kernel/upstream-call.js'
import {
  createBench,
  entities,
  entityNode,
  fetchNode,
  flatten,
  parallel,
  sequence,
  supergraphOf,
  type Script,
} from './world.js'

const SHOP = supergraphOf(`
  interface Node { id: ID! }
  type Product implements Node { id: ID! name: String! stock: Int maker: Maker }
  type Maker implements Node { id: ID! name: String }
  type Query { products: [Product]! product: Product node: Node a: Int b: Int strict: Int! other: Int! }
`)
const PRODUCTS = fetchNode('shop', '{products{__typename id}}')
const NAMES = sequence(PRODUCTS, flatten('products.@', entityNode('names', 'Product', 'name')))
const two: Script = {
  data: {
    products: [
      { __typename: 'Product', id: '1' },
      { __typename: 'Product', id: '2' },
      { __typename: 'Product', id: '1' },
    ],
  },
}
const timeout = new GatewayError('SUBREQUEST_TIMEOUT', 'The subgraph did not answer in time.', {
  cause: new Error('connect http://10.0.0.1:4003'),
  extensions: { host: '10.0.0.1' },
})

describe('a fetch that fails', () => {
  it('becomes one error at its flatten path, with code and service and nothing else', async () => {
    const bench = createBench(SHOP, { shop: two, names: timeout })
    const { data, errors } = await bench.fetch({ node: NAMES })
    expect(errors).toEqual([
      {
        message: 'The subgraph did not answer in time.',
        path: ['products', '@'],
        extensions: { code: 'SUBREQUEST_TIMEOUT', service: 'names' },
      },
    ])
    expect(data?.['products']).toHaveLength(3)
    expect(bench.warnings).toMatchObject([{ requestId: 'request-1', subgraph: 'names' }])
  })

  it('at the root is named by its first root key and explains the others', async () => {
    const node = fetchNode(
      'shop',
      'query Q{__typename ...F} fragment F on Query{x:strict ...on Query{other}}',
    )
    const bench = createBench(SHOP, { shop: timeout })
    const body = await bench.answer({ node, query: '{ other x: strict }' })
    expect(body.data).toBeNull()
    expect(body.errors).toHaveLength(1)
    expect(body.errors?.[0]).toMatchObject({ path: ['x'], extensions: { code: 'SUBREQUEST_TIMEOUT' } })
  })

  it('leaves the rest of the answer whole', async () => {
    const bench = createBench(SHOP, { one: timeout, two: { data: { b: 2 } } })
    const node = parallel(fetchNode('one', '{a}'), fetchNode('two', '{b}'))
    expect(await bench.answer({ node, query: '{ a b }' })).toEqual({
      errors: [{ message: timeout.message, path: ['a'], extensions: expect.anything() }],
      data: { a: null, b: 2 },
    })
    expect(bench.counted).toEqual(['SUBREQUEST_TIMEOUT'])
  })

  it('without a GatewayError is masked', async () => {
    const bench = createBench(SHOP, { shop: new Error('secret 10.0.0.1') })
    const { errors } = await bench.fetch({ node: PRODUCTS })
    expect(errors[0]).toMatchObject({
      path: ['products'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', service: 'shop' },
    })
    expect(JSON.stringify(errors)).not.toContain('secret')
  })

  it('ends the request when the client has left', async () => {
    const left = new GatewayError('REQUEST_CANCELLED', 'The client closed the request.')
    const bench = createBench(SHOP, { one: left, two: left })
    const node = sequence(parallel(fetchNode('one', '{a}'), fetchNode('two', '{b}')), PRODUCTS)
    await expect(bench.fetch({ node })).rejects.toBe(left)
    expect(bench.calls).toHaveLength(2)
  })
})

describe('a reply that does not fit', () => {
  it.each<[string, Partial<SubgraphReply>]>([
    ['no data and no error', { data: null }],
    ['no entities', { data: {} }],
    ['entities that are no list', { data: { _entities: { 0: {} } } }],
    ['too few entities', { data: { _entities: [{ name: 'A' }] } }],
    ['too many entities', { data: { _entities: [{ name: 'A' }, null, null] } }],
    ['an entity that is a list', { data: { _entities: [{ name: 'A' }, []] } }],
    ['an entity that is text', { data: { _entities: [{ name: 'A' }, 'B'] } }],
    ['an entity of another type', { data: { _entities: [{ name: 'A' }, { __typename: 'Maker' }] } }],
    ['an entity of no type', { data: { _entities: [{ name: 'A' }, { __typename: 7 }] } }],
  ])('%s: one error, nothing merged', async (_what, reply) => {
    const bench = createBench(SHOP, { shop: two, names: reply })
    const { data, errors } = await bench.fetch({ node: NAMES })
    expect(errors.map(({ path, extensions }) => ({ path, ...extensions }))).toEqual([
      { path: ['products', '@'], code: 'SUBREQUEST_MALFORMED_RESPONSE', service: 'names' },
    ])
    expect(JSON.stringify(data)).not.toContain('"A"')
  })

  it('without data from the root is malformed too', async () => {
    const bench = createBench(SHOP, { shop: { data: null } })
    const { errors } = await bench.fetch({ node: PRODUCTS })
    expect(errors).toMatchObject([
      { path: ['products'], extensions: { code: 'SUBREQUEST_MALFORMED_RESPONSE' } },
    ])
  })

  it('nested deeper than any stack is refused', async () => {
    let deep: unknown = 1
    for (let depth = 0; depth < 2_000; depth += 1) deep = [deep]
    const bench = createBench(SHOP, { shop: { data: { products: deep as [] } }, names: { data: null } })
    const body = await bench.answer({ node: NAMES, query: '{ products { id } }' })
    expect(body.data).toEqual({ products: [null] })
    expect(body.errors).toMatchObject([
      { path: ['products', 0], extensions: { code: 'SUBREQUEST_MALFORMED_RESPONSE' } },
    ])
    expect(bench.calls).toHaveLength(1)
  })

  it('takes a null entity as one that is not known', async () => {
    const bench = createBench(SHOP, { shop: two, names: { data: { _entities: [null, { name: 'B' }] } } })
    const { data, errors } = await bench.fetch({ node: NAMES })
    expect(errors).toEqual([])
    expect(data?.['products']).toMatchObject([{ id: '1' }, { id: '2', name: 'B' }, { id: '1' }])
  })

  it('of an interface and of one of its objects go together', async () => {
    const bench = createBench(SHOP, {
      shop: { data: { node: { __typename: 'Node', id: '1' } } },
      names: entities(() => ({ __typename: 'Product', name: 'A' })),
    })
    const node = sequence(
      fetchNode('shop', '{node{__typename id}}'),
      flatten('node', entityNode('names', 'Node', '__typename')),
    )
    expect(await bench.fetch({ node })).toMatchObject({
      errors: [],
      data: { node: { __typename: 'Product', name: 'A' } },
    })
  })
})

describe('errors that a subgraph reports', () => {
  const failing = (error: Partial<SubgraphReply['errors'][number]>, data: unknown = null): Script => ({
    data: data as SubgraphReply['data'],
    errors: [{ message: 'password=hunter2', ...error }],
  })

  it('are masked for the client and kept for the log', async () => {
    const error = { path: ['products'], code: 'DB_DOWN', extensions: { stack: 'at secret.ts:1' } }
    const bench = createBench(SHOP, { shop: failing(error) })
    const { errors } = await bench.fetch({ node: PRODUCTS })
    expect(errors).toEqual([
      {
        message: "Subgraph 'shop' reported an error.",
        path: ['products'],
        extensions: { code: 'SUBGRAPH_ERROR', service: 'shop' },
      },
    ])
    expect(bench.warnings).toMatchObject([
      { requestId: 'request-1', subgraph: 'shop', errors: [{ message: 'password=hunter2' }] },
    ])
  })

  it('keep message and code where the code is exposed, never other extensions', async () => {
    const error = { message: 'No such product.', code: 'NOT_FOUND', path: ['product'], extensions: { id: 1 } }
    const bench = createBench(SHOP, { shop: failing(error, { product: null }) })
    const { errors } = await bench.fetch({ node: fetchNode('shop', '{product{id}}') })
    expect(errors).toEqual([
      {
        message: 'No such product.',
        path: ['product'],
        extensions: { code: 'NOT_FOUND', service: 'shop' },
      },
    ])
    const strict = createBench(SHOP, { shop: failing(error, { product: null }) }, { exposedErrorCodes: [] })
    expect(
      (await strict.fetch({ node: fetchNode('shop', '{product{id}}') })).errors[0]?.extensions.code,
    ).toBe('SUBGRAPH_ERROR')
  })

  it('of one entity are shown at every place where it stands', async () => {
    const names = failing({ path: ['_entities', 0, 'name'] }, { _entities: [null, { name: 'B' }] })
    const bench = createBench(SHOP, { shop: two, names })
    const { errors } = await bench.fetch({ node: NAMES })
    expect(errors.map(({ path }) => path)).toEqual([
      ['products', 0, 'name'],
      ['products', 2, 'name'],
    ])
  })

  it.each([
    ['no path', undefined],
    ['the path of the list', ['_entities']],
    ['an index that was not asked for', ['_entities', 9, 'name']],
    ['a path that is none', ['http://10.0.0.1/x', 1]],
  ])('with %s stand at the flatten path', async (_what, path) => {
    const bench = createBench(SHOP, { shop: two, names: failing(path ? { path } : {}) })
    const { errors } = await bench.fetch({ node: NAMES })
    expect(errors.map((error) => error.path)).toEqual([['products', '@']])
  })

  it('name keys as the client knows them, after renames', async () => {
    const bench = createBench(SHOP, {
      shop: failing({ path: ['product__1', 'maker'] }, { product__1: null }),
    })
    const outputRewrites = [
      { kind: 'renameKey', path: [{ kind: 'key', key: 'product__1' }], to: 'product' },
    ] as const
    const node = fetchNode('shop', '{product__1:product{id}}', { outputRewrites })
    const { data, errors } = await bench.fetch({ node })
    expect(data).toEqual({ product: null })
    expect(errors[0]?.path).toEqual(['product', 'maker'])
  })

  it('do not carry names that the client did not ask for', async () => {
    const error = { path: ['products', 0, 'internalMargin'] }
    const bench = createBench(SHOP, { shop: failing(error, { products: [null] }) })
    const body = await bench.answer({ node: PRODUCTS, query: '{ products { id } }' })
    expect(body.errors?.[0]?.path).toEqual(['products', 0])
  })

  it('spare a second error for the nulls they cause', async () => {
    const names = failing({ path: ['_entities', 0, 'name'] }, { _entities: [null, { name: 'B' }] })
    const bench = createBench(SHOP, { shop: two, names })
    const body = await bench.answer({ node: NAMES, query: '{ products { name } }' })
    expect(body.data).toEqual({ products: [null, { name: 'B' }, null] })
    expect(body.errors).toHaveLength(2)
  })

  it('are at most as many as an answer may hold', async () => {
    const errors = Array.from({ length: 5_000 }, (_, index) => ({
      message: 'no',
      path: ['_entities', index % 2, 'name'],
    }))
    const names: Script = { data: { _entities: [null, null] }, errors }
    const bench = createBench(SHOP, { shop: two, names }, { maxErrors: 7 })
    const body = await bench.answer({ node: NAMES, query: '{ products { name } }' })
    expect(body.errors).toHaveLength(7)
  })
})
