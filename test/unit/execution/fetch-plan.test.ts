import { describe, expect, it } from '@jest/globals'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { PlanNode } from '../../../src/kernel/query-plan.js'
import {
  createBench,
  entities,
  entityNode,
  fetchNode,
  flatten,
  keysOf,
  parallel,
  plannedOf,
  sequence,
  supergraphOf,
} from './world.js'

const SHOP = supergraphOf(`
  interface Media { id: ID! title: String }
  type Book implements Media { id: ID! title: String pages: Int author: Person }
  type Film implements Media { id: ID! title: String minutes: Int }
  type Person { id: ID! name: String! }
  type Product { id: ID! name: String price: Float weight: Int shipping: Int }
  union Found = Product | Book | Film
  type Query { products: [Product!]! product: Product found: [[Found]] media: Media a: Int b: Int }
  type Mutation { first: Int second: Int }
`)

/** As a composer writes it, as far as keys go. */
const KEYED = supergraphOf(`
  directive @join__graph(name: String!) on ENUM_VALUE
  directive @join__type(graph: join__Graph!, key: String) repeatable on OBJECT
  enum join__Graph { SHIP @join__graph(name: "ship") SHOP @join__graph(name: "shop") WEIGHTS @join__graph(name: "weights") }
  type Product @join__type(graph: SHOP, key: "sku") @join__type(graph: SHIP, key: "id") @join__type(graph: WEIGHTS, key: "id") {
    id: ID! sku: ID region: ID weight: Int shipping: Int inStock: Boolean
  }
  type Pair @join__type(graph: SHIP, key: "a b") { a: ID b: ID weight: Int }
  type Query { products: [Product] }
`)

const PRODUCTS = fetchNode('shop', '{products{__typename id}}')

describe('the fetch stage', () => {
  it('asks nobody where the plan has nothing to fetch, and does not wait', async () => {
    const bench = createBench(SHOP)
    const nothing = { data: {}, errors: [], cachePolicy: undefined }
    expect(bench.start({})).toMatchObject({ outcome: nothing })
    expect(bench.start({ node: PRODUCTS, allRefused: true })).toMatchObject({ outcome: nothing })
    expect(bench.calls).toHaveLength(0)
  })

  it('hands every call the facts of its caller', async () => {
    const bench = createBench(SHOP, { shop: { data: { a: 1 } } })
    await bench.fetch({ node: fetchNode('shop', '{a}', { operationName: 'Name' }) })
    const planned = plannedOf({})
    expect(bench.calls[0]).toMatchObject({
      subgraph: 'shop',
      operationType: 'query',
      operationName: 'Name',
      body: '{"query":"{a}","operationName":"Name"}',
      caller: { requestId: 'request-1', principal: planned.principal, client: planned.client },
    })
    expect(bench.calls[0]?.caller.deadline.remainingMs()).toBeGreaterThan(0)
  })

  it('sends only variables that are wanted and have a value', async () => {
    const bench = createBench(SHOP, { shop: { data: { a: 1 } } })
    const node = fetchNode('shop', '{a}', { variables: ['x', 'absent', 'constructor', 'none'] })
    await bench.fetch({ node, variables: { x: { deep: ['"'] }, other: 1, none: null } })
    expect(bench.bodies[0]?.variables).toEqual({ x: { deep: ['"'] }, none: null })
  })

  it("reads the plan's variables, not the client's", async () => {
    const bench = createBench(SHOP, { shop: { data: { a: 1 } } })
    const node: PlanNode = {
      kind: 'Condition',
      variable: 'v0',
      ifTrue: fetchNode('shop', '{a}', { variables: ['v1'] }),
      ifFalse: undefined,
    }
    await bench.fetch({
      node,
      variables: { v0: false, v1: 'client' },
      planVariables: { v0: true, v1: 'plan' },
    })
    expect(bench.bodies[0]?.variables).toEqual({ v1: 'plan' })
  })

  it('joins entities into lists, each distinct representation asked once', async () => {
    const bench = createBench(SHOP, {
      shop: { data: { products: ['1', '2', '1'].map((id) => ({ __typename: 'Product', id })) } },
      names: entities(({ id }) => ({ __typename: 'Product', name: `name of ${id as string}` })),
    })
    const { data, errors } = await bench.fetch({
      node: sequence(PRODUCTS, flatten('products.@', entityNode('names', 'Product', 'name'))),
    })
    expect(errors).toEqual([])
    expect(bench.bodies[1]?.variables?.representations).toEqual([
      { __typename: 'Product', id: '1' },
      { __typename: 'Product', id: '2' },
    ])
    expect(data?.['products']).toEqual([
      { __typename: 'Product', id: '1', name: 'name of 1' },
      { __typename: 'Product', id: '2', name: 'name of 2' },
      { __typename: 'Product', id: '1', name: 'name of 1' },
    ])
  })

  it('walks lists of lists and keeps to type conditions, of abstract types too', async () => {
    const found = [
      [{ __typename: 'Product', id: '1' }, null],
      null,
      [
        { __typename: 'Book', id: '2' },
        { __typename: 'Film', id: '3' },
      ],
    ]
    const bench = createBench(SHOP, {
      shop: { data: { found } },
      titles: entities(({ __typename, id }) => ({ title: `${__typename as string} ${id as string}` })),
    })
    const { data } = await bench.fetch({
      node: sequence(
        fetchNode('shop', '{found{__typename ...on Product{id} ...on Media{id}}}'),
        flatten('found.@.@.|Media', entityNode('titles', 'Media', 'title')),
      ),
    })
    expect(data?.['found']).toEqual([
      [{ __typename: 'Product', id: '1' }, null],
      null,
      [
        { __typename: 'Book', id: '2', title: 'Book 2' },
        { __typename: 'Film', id: '3', title: 'Film 3' },
      ],
    ])
  })

  it('runs a sequence in order and a mutation that fails does not stop the next', async () => {
    const order: string[] = []
    const bench = createBench(SHOP, {
      one: async () => {
        await Promise.resolve()
        order.push('one')
        throw new GatewayError('SUBREQUEST_TIMEOUT', 'Too slow.')
      },
      two: () => {
        order.push('two')
        return { data: { second: 2 } }
      },
    })
    const { data, errors } = await bench.fetch({
      node: sequence(
        fetchNode('one', 'mutation{first}', { operationType: 'mutation' }),
        fetchNode('two', 'mutation{second}', { operationType: 'mutation' }),
      ),
    })
    expect(order).toEqual(['one', 'two'])
    expect(data).toEqual({ second: 2 })
    expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['first'], 'SUBREQUEST_TIMEOUT'],
    ])
  })

  it('runs parallel fetches at the same time', async () => {
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const bench = createBench(SHOP, {
      one: async () => {
        await gate
        return { data: { a: 1 } }
      },
      two: () => {
        release()
        return { data: { b: 2 } }
      },
    })
    const { data } = await bench.fetch({ node: parallel(fetchNode('one', '{a}'), fetchNode('two', '{b}')) })
    expect(data).toEqual({ a: 1, b: 2 })
  })

  it.each([
    [true, ['one']],
    [false, ['two']],
    [undefined, ['two']],
  ])('chooses by a condition: %s', async (flag, called) => {
    const bench = createBench(SHOP, { one: { data: { a: 1 } }, two: { data: { b: 2 } } })
    await bench.fetch({
      node: {
        kind: 'Condition',
        variable: 'flag',
        ifTrue: fetchNode('one', '{a}'),
        ifFalse: fetchNode('two', '{b}'),
      },
      variables: flag === undefined ? {} : { flag },
    })
    expect(bench.calls.map(({ subgraph }) => subgraph)).toEqual(called)
  })

  it('asks nothing below a branch that is absent or a list that is empty', async () => {
    const bench = createBench(SHOP, { shop: { data: { products: [], product: null } } })
    await bench.fetch({
      node: sequence(
        PRODUCTS,
        flatten('products.@', entityNode('names', 'Product', 'name')),
        flatten('product', entityNode('names', 'Product', 'name')),
        { kind: 'Condition', variable: 'flag', ifTrue: PRODUCTS, ifFalse: undefined },
      ),
    })
    expect(bench.calls).toHaveLength(1)
  })

  it('leaves an entity out, without an error, when its key is null or missing', async () => {
    const products = [{ __typename: 'Product', id: null }, { __typename: 'Product' }, { id: '3' }, null]
    const bench = createBench(SHOP, { shop: { data: { products } } })
    const { data, errors } = await bench.fetch({
      node: sequence(PRODUCTS, flatten('products.@', entityNode('names', 'Product', 'name'))),
    })
    expect(bench.calls).toHaveLength(1)
    expect(errors).toEqual([])
    expect(data).toEqual({ products })
  })

  it('sends a required field that is null where the schema allows it, but not one that is missing', async () => {
    const bench = createBench(SHOP, {
      shop: {
        data: {
          products: [
            { __typename: 'Product', id: '1', weight: null },
            { __typename: 'Product', id: '2' },
          ],
        },
      },
      ship: entities(() => ({ shipping: 5 })),
    })
    const { data } = await bench.fetch({
      node: sequence(
        PRODUCTS,
        flatten(
          'products.@',
          entityNode('ship', 'Product', 'shipping', { requires: keysOf('Product', 'id', 'weight') }),
        ),
      ),
    })
    expect(bench.bodies[1]?.variables?.representations).toEqual([
      { __typename: 'Product', id: '1', weight: null },
    ])
    expect(data?.['products']).toEqual([
      { __typename: 'Product', id: '1', weight: null, shipping: 5 },
      { __typename: 'Product', id: '2' },
    ])
  })

  it('asks with what there is where conditions may leave requirements out, but never without a key', async () => {
    const products = [
      { __typename: 'Product', id: '1' },
      { __typename: 'Product', weight: 5 },
    ]
    const bench = createBench(KEYED, {
      shop: { data: { products } },
      ship: entities(() => ({ inStock: true })),
    })
    const ship = fetchNode('ship', 'query($x:Boolean!){...on Product{inStock shipping@include(if:$x)}}', {
      requires: keysOf('Product', 'id', 'weight'),
    })
    const { data } = await bench.fetch({ node: sequence(PRODUCTS, flatten('products.@', ship)) })
    expect(bench.bodies[1]?.variables?.representations).toEqual([{ __typename: 'Product', id: '1' }])
    expect(data?.['products']).toEqual([{ ...products[0], inStock: true }, products[1]])
  })

  it('asks with the rest of an object of which conditions may leave a part out, in lists too', async () => {
    const products = [
      { __typename: 'Product', id: '1', box: { size: { width: 1 }, parts: [{ a: 1 }, { a: 2 }] } },
    ]
    const bench = createBench(KEYED, {
      shop: { data: { products } },
      ship: entities(() => ({ inStock: true })),
    })
    const ship = fetchNode('ship', 'query($x:Boolean!){...on Product{inStock shipping@include(if:$x)}}', {
      requires: [
        {
          kind: 'inlineFragment',
          typeCondition: 'Product',
          selections: [
            ...['__typename', 'id'].map((name) => ({ kind: 'field' as const, name })),
            {
              kind: 'field',
              name: 'box',
              selections: [
                {
                  kind: 'field',
                  name: 'size',
                  selections: ['width', 'height'].map((name) => ({ kind: 'field' as const, name })),
                },
                {
                  kind: 'field',
                  name: 'parts',
                  selections: ['a', 'b'].map((name) => ({ kind: 'field' as const, name })),
                },
              ],
            },
          ],
        },
      ],
    })
    await bench.fetch({ node: sequence(PRODUCTS, flatten('products.@', ship)) })
    expect(bench.bodies[1]?.variables?.representations).toEqual(products)
  })

  it('does not ask with gaps that a failed fetch has left', async () => {
    const failed = new GatewayError('SUBREQUEST_TIMEOUT', 'Too slow.')
    const bench = createBench(KEYED, {
      shop: { data: { products: [{ __typename: 'Product', id: '1' }] } },
      weights: failed,
    })
    const ship = fetchNode('ship', '{...on Product{shipping@include(if:$x)}}', {
      requires: keysOf('Product', 'id', 'weight'),
    })
    const weights = flatten('products.@', entityNode('weights', 'Product', 'weight'))
    const { errors } = await bench.fetch({ node: sequence(PRODUCTS, weights, flatten('products.@', ship)) })
    expect(bench.calls.map(({ subgraph }) => subgraph)).toEqual(['shop', 'weights'])
    expect(errors).toHaveLength(1)
  })

  it('does not ask for an entity of a type that the subgraph does not know', async () => {
    const products = [
      { __typename: 'Pair', a: 1, b: 2 },
      { __typename: 'Product', id: '1' },
    ]
    const bench = createBench(KEYED, {
      shop: { data: { products } },
      weights: entities(() => ({ weight: 1 })),
    })
    const requires = [...keysOf('Product', 'id'), ...keysOf('Pair', 'a', 'b')]
    const weights = fetchNode('weights', '{...on Product{weight}}', { requires })
    const { errors } = await bench.fetch({ node: sequence(PRODUCTS, flatten('products.@', weights)) })
    expect(bench.bodies[1]?.variables?.representations).toEqual([products[1]])
    expect(errors).toEqual([])
  })

  it('takes part of a key, or a key of nothing but nulls, for none', async () => {
    const products = [
      { __typename: 'Product', id: '1', region: null },
      { __typename: 'Product', id: '2' },
      { __typename: 'Pair', a: null, b: null, weight: 5 },
      { __typename: 'Pair', a: null, b: 1, weight: 5 },
    ]
    const bench = createBench(KEYED, { shop: { data: { products } }, ship: entities(() => null) })
    const requires = [...keysOf('Product', 'id', 'region'), ...keysOf('Pair', 'a', 'b', 'weight')]
    const ship = fetchNode('ship', '{x}', { requires })
    await bench.fetch({ node: sequence(PRODUCTS, flatten('products.@', ship)) })
    expect(bench.bodies[1]?.variables?.representations).toEqual([products[0], products[3]])
  })

  it('picks nested requirements through lists and fragments', async () => {
    const bench = createBench(SHOP, {
      shop: {
        data: { product: { __typename: 'Product', id: '1', parts: [{ n: 1, x: 0 }, null, { n: 2 }] } },
      },
      ship: entities(() => ({ shipping: 1 })),
    })
    const requires = [
      {
        kind: 'inlineFragment',
        typeCondition: 'Product',
        selections: [
          { kind: 'field', name: '__typename' },
          {
            kind: 'inlineFragment',
            typeCondition: undefined,
            selections: [{ kind: 'field', name: 'parts', selections: [{ kind: 'field', name: 'n' }] }],
          },
        ],
      },
      { kind: 'inlineFragment', typeCondition: 'Film', selections: [{ kind: 'field', name: 'missing' }] },
    ] as const
    await bench.fetch({
      node: sequence(
        fetchNode('shop', '{product{__typename}}'),
        flatten('product', entityNode('ship', 'Product', 'shipping', { requires })),
      ),
    })
    expect(bench.bodies[1]?.variables?.representations).toEqual([
      { __typename: 'Product', parts: [{ n: 1 }, null, { n: 2 }] },
    ])
  })

  it('rewrites representations before and entities after, as interface objects need it', async () => {
    const bench = createBench(SHOP, {
      shop: { data: { media: { __typename: 'Book', id: '1' } } },
      reviews: entities(() => ({ __typename: 'Media', title__1: 'Renamed' })),
    })
    const { data, errors } = await bench.fetch({
      node: sequence(
        fetchNode('shop', '{media{__typename id}}'),
        flatten(
          'media',
          entityNode('reviews', 'Media', '__typename title__1:title', {
            inputRewrites: [
              {
                kind: 'setValue',
                path: [
                  { kind: 'types', names: ['Book'] },
                  { kind: 'key', key: '__typename' },
                ],
                value: 'Media',
              },
            ],
            outputRewrites: [
              {
                kind: 'renameKey',
                path: [
                  { kind: 'types', names: ['Media'] },
                  { kind: 'key', key: 'title__1' },
                ],
                to: 'title',
              },
            ],
          }),
        ),
      ),
    })
    expect(errors).toEqual([])
    expect(bench.bodies[1]?.variables?.representations).toEqual([{ __typename: 'Media', id: '1' }])
    // The name of the object's own type is worth more than that of the interface.
    expect(data).toEqual({ media: { __typename: 'Book', id: '1', title: 'Renamed' } })
  })

  it('lets the name of an object replace that of its interface', async () => {
    const bench = createBench(SHOP, {
      shop: { data: { media: { __typename: 'Media', id: '1' } } },
      media: entities(() => ({ __typename: 'Film' })),
    })
    const { data } = await bench.fetch({
      node: sequence(
        fetchNode('shop', '{media{__typename id}}'),
        flatten('media', entityNode('media', 'Media', '__typename')),
      ),
    })
    expect(data).toEqual({ media: { __typename: 'Film', id: '1' } })
  })

  it('runs a batch of entity fetches in one request', async () => {
    const bench = createBench(SHOP, {
      shop: {
        data: {
          product: { __typename: 'Product', id: '1' },
          products: [
            { __typename: 'Product', id: '1' },
            { __typename: 'Product', id: '2' },
          ],
          media: null,
        },
      },
      names: ({ variables }) => ({
        data: {
          _e0: (variables?.['r0'] as []).map(({ id }) => ({ name: `n${String(id)}` })),
          _e1: variables?.['r1'] as [],
        },
      }),
    })
    const { data, errors } = await bench.fetch({
      node: sequence(PRODUCTS, {
        kind: 'BatchFetch',
        subgraph: 'names',
        operation: 'query($r0:[_Any!]!,$r1:[_Any!]!){_e0:_entities(representations:$r0){__typename}}',
        operationName: undefined,
        variables: [],
        batches: [
          {
            alias: '_e0',
            representationsVariable: 'r0',
            paths: [[{ kind: 'key', key: 'product' }], [{ kind: 'key', key: 'products' }, { kind: 'list' }]],
            requires: keysOf('Product', 'id'),
            inputRewrites: [],
            outputRewrites: [],
          },
          {
            alias: '_e1',
            representationsVariable: 'r1',
            paths: [[{ kind: 'key', key: 'media' }]],
            requires: keysOf('Media', 'id'),
            inputRewrites: [],
            outputRewrites: [],
          },
        ],
      }),
    })
    expect(errors).toEqual([])
    expect(bench.bodies[1]?.variables).toEqual({
      r0: [
        { __typename: 'Product', id: '1' },
        { __typename: 'Product', id: '2' },
      ],
      r1: [],
    })
    expect(data).toMatchObject({ product: { name: 'n1' }, products: [{ name: 'n1' }, { name: 'n2' }] })
  })

  it('merges fetches below one key, and a null erases nothing', async () => {
    const bench = createBench(SHOP, {
      one: { data: { product: { id: '1', price: 2, tags: [{ a: 1 }] } } },
      two: { data: { product: { id: '1', name: 'N', price: null, tags: [{ b: 2 }] } } },
      three: { data: { product: null } },
    })
    const { data } = await bench.fetch({
      node: sequence(
        fetchNode('one', '{product{id price}}'),
        fetchNode('two', '{product{id name}}'),
        fetchNode('three', '{product{id}}'),
      ),
    })
    expect(data).toEqual({ product: { id: '1', price: 2, name: 'N', tags: [{ a: 1, b: 2 }] } })
  })

  it('merges a fetch from the root into every object at its path', async () => {
    const bench = createBench(SHOP, {
      shop: { data: { products: [{ id: '1' }, { id: '2' }] } },
      clock: { data: { a: 1 } },
    })
    const { data } = await bench.fetch({
      node: sequence(PRODUCTS, flatten('products.@', fetchNode('clock', '{a}'))),
    })
    expect(bench.calls).toHaveLength(2)
    expect(data).toEqual({
      products: [
        { id: '1', a: 1 },
        { id: '2', a: 1 },
      ],
    })
  })

  it('keeps the strictest cache policy of those that said one', async () => {
    const bench = createBench(SHOP, {
      one: { data: { a: 1 }, cachePolicy: { maxAgeSeconds: 60, scope: 'PUBLIC' } },
      two: { data: { b: 1 }, cachePolicy: { maxAgeSeconds: 90, scope: 'PRIVATE' } },
      three: { data: {} },
    })
    const nodes = ['one', 'two', 'three'].map((name) => fetchNode(name, '{a}'))
    expect((await bench.fetch({ node: parallel(...nodes) })).cachePolicy).toEqual({
      maxAgeSeconds: 60,
      scope: 'PRIVATE',
    })
    expect((await bench.fetch({ node: fetchNode('three', '{a}') })).cachePolicy).toBeUndefined()
  })
})
