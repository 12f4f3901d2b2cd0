import { describe, expect, it } from '@jest/globals'
import { createOperationCosts } from '../../../../src/limits/cost/operation-costs.js'
import { CostDirectives } from '../../../../src/limits/cost/cost-directives.js'
import { MOST_COST } from '../../../../src/limits/cost/cost-program.js'
import { toSupergraph } from '../../../support/make-supergraph.js'
import { makeOperation } from '../make-context.js'
import { createCostWorld } from './cost-world.js'

const SHOP = `
  type Query {
    things: [Thing!]! @listSize(assumedSize: 10)
    node: Node
    user: User
    items(first: Int, last: Int, ids: Int = 2): [Item] @listSize(slicingArguments: ["first", "last"], assumedSize: 4)
    page(first: Int = 20): Page @listSize(slicingArguments: ["first"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)
    grid: [[Item]]
    rebate: Item @cost(weight: -50)
    find(filter: Filter): Item
  }
  type Mutation { buy(filter: Filter): Item }
  interface Node { id: ID }
  union Thing = Item | Box
  type Item implements Node @shareable { id: ID user: User related: [Item] @listSize(assumedSize: 3) }
  type Box implements Node @cost(weight: 7) { id: ID items: [Item] }
  type User { id: ID name: Name @cost(weight: 2) friend: User }
  type Page { nodes: [Item] edges: [Edge] total: Int }
  type Edge { node: Item }
  scalar Name
  input Filter { text: String price: Int @cost(weight: 3) parts: [Filter!] }
`

describe('the estimate', () => {
  const { estimate, costs, supergraph } = createCostWorld(SHOP, 5)

  it.each([
    ['of an abstract type by its most expensive object', '{ node { id } }', 7],
    ['of a union too', '{ things { ... on Item { user { id } } ... on Box { id } } }', 70],
    [
      'of an abstract type with what its objects are asked',
      '{ node { id ... on Item { related { related { id } } } } }',
      13,
    ],
    ['of a list of unknown size by the default', '{ node { ... on Box { items { id } } } }', 12],
    [
      'of a field that stands twice once',
      '{ user { id } ...A ...B } fragment A on Query { user { friend { id } } } fragment B on Query { user { friend { id } } }',
      2,
    ],
    ['of aliases each', '{ a: user { id } b: user { id } }', 2],
    ['of a weight on a scalar field', '{ user { name } }', 3],
    ['of lists in lists: the inner ones by the default', '{ grid { id } }', 25],
    ['of introspection as nothing', '{ __schema { types { name fields { name } } } __typename }', 0],
    ['of a negative weight as nothing', '{ rebate { id } user { id } }', 1],
    ['of a mutation with ten more', 'mutation { buy(filter: { price: 1 }) { id } }', 15],
    [
      'of input objects with their fields',
      '{ find(filter: { price: 1, parts: [{ price: 1 }, { text: "a" }] }) { id } }',
      10,
    ],
    ['by sized fields', '{ page(first: 3) { total nodes { id } edges { node { id } } } }', 10],
    ['by the default of a slicing argument', '{ page { nodes { id } } }', 21],
    ['by assumedSize without slicing arguments', '{ items { id } }', 4],
    ['by the largest slicing argument', '{ items(first: 2, last: 6) { id } }', 6],
    ['of a negative size as no slicing argument', '{ items(first: -1000) { id } user { id } }', 5],
    ['by the default in place of a negative size', '{ page(first: -1) { nodes { id } } }', 21],
    ['of null as no slicing argument', '{ items(first: null) { id } }', 4],
  ])('counts %s', (_what, source, cost) => {
    expect(estimate(source)).toBe(cost)
  })

  it('follows variables, in sizes, inputs and conditions', () => {
    const source = `query ($n: Int, $f: Filter, $with: Boolean = true) {
      page(first: $n) { nodes @include(if: $with) { user { id } } }
      find(filter: $f) { id }
    }`
    expect(estimate(source, { n: 4, with: true })).toBe(1 + 8 + 1)
    expect(estimate(source, { n: 7, with: true, f: { price: 1, parts: [{ price: 2 }] } })).toBe(
      1 + 14 + 1 + 8,
    )
    expect(estimate(source, { n: 7, with: false })).toBe(2)
    expect(estimate(source, { with: true })).toBe(1 + 40 + 1)
    expect(estimate(source, { n: -7, with: true })).toBe(1 + 40 + 1)
  })

  it('is remembered per operation: only what variables decide is worked out again', () => {
    const operation = makeOperation('query ($n: Int) { page(first: $n) { nodes { id } } user { id } }')
    const compiled: string[] = []
    const directives = new CostDirectives(supergraph)
    const watched = createOperationCosts({
      apiSchema: supergraph.apiSchema,
      defaultListSize: 5,
      directives: Object.assign(Object.create(directives), {
        fieldWeight: (...args: Parameters<CostDirectives['fieldWeight']>) => {
          compiled.push(args[1])
          return directives.fieldWeight(...args)
        },
        typeWeight: directives.typeWeight.bind(directives),
        listSize: directives.listSize.bind(directives),
        argumentWeight: directives.argumentWeight.bind(directives),
        inputFieldWeight: directives.inputFieldWeight.bind(directives),
      }),
    })
    expect([1, 2, 300].map((n) => watched.estimate(operation, { n }))).toEqual([3, 4, 302])
    expect(compiled.sort()).toEqual(
      ['id', 'nodes', 'page', 'user'].flatMap((name) => (name === 'id' ? [name, name] : [name])),
    )
  })

  it('takes each part of a document once, however often fragments are spread', () => {
    const depth = 60
    const fragments = Array.from(
      { length: depth },
      (_none, level) =>
        `fragment F${level} on User { a: friend { ...F${level + 1} } b: friend { ...F${level + 1} } }`,
    )
    const operation = makeOperation(
      `{ user { ...F0 } } ${fragments.join(' ')} fragment F${depth} on User { name }`,
    )
    // 2^61 - 1 objects, and 2 for each of 2^60 names: saturated rather than infinite or counted one by one.
    expect(costs.estimate(operation, {})).toBe(MOST_COST)
  })

  it('gives up on what is too entangled, as more expensive than anything', () => {
    const types = Array.from({ length: 800 }, (_none, index) => `type T${index} implements I { i: I }`)
    const world = toSupergraph(`
      schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3") { query: Query }
      directive @link(url: String) repeatable on SCHEMA
      enum join__Graph { A @join__graph(name: "a", url: "http://a.invalid") }
      directive @join__graph(name: String!, url: String!) on ENUM_VALUE
      type Query { i: I } interface I { i: I } ${types.join(' ')}`)
    const wide = createOperationCosts({
      apiSchema: world.apiSchema,
      directives: new CostDirectives(world),
      defaultListSize: 5,
    })
    const inner = Array.from(
      { length: 1_000 },
      (_none, index) => `... on T${index % 800} { i { __typename } }`,
    )
    expect(wide.estimate(makeOperation(`{ i { ${inner.join(' ')} } }`), {})).toBe(MOST_COST)
  })
})

describe('a list that wants exactly one slicing argument', () => {
  const { costs } = createCostWorld(SHOP)
  const refusal = (source: string, variables = {}) => {
    try {
      costs.assertSliced(makeOperation(source), variables)
      return undefined
    } catch (error) {
      return error
    }
  }

  it.each([
    ['none', '{ items { id } }', {}],
    ['two', '{ items(first: 1, last: 1) { id } }', {}],
    ['null', '{ items(first: null) { id } }', {}],
    ['a negative number', '{ items(first: -1) { id } }', {}],
    ['a negative variable', 'query ($a: Int) { items(first: $a) { id } }', { a: -1 }],
    ['two by variables', 'query ($a: Int, $b: Int) { items(first: $a, last: $b) { id } }', { a: 1, b: 2 }],
    ['none by a variable', 'query ($a: Int) { items(first: $a) { id } }', {}],
  ])('is refused with %s', (_what, source, variables) => {
    expect(refusal(source, variables)).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
      status: 400,
      details: [
        {
          message: 'Query.items needs exactly one of first, last, which says how long its list may be.',
          locations: [{ line: 1 }],
        },
      ],
    })
  })

  it('is fine with one, also by a variable', () => {
    expect(refusal('{ items(last: 0) { id } }')).toBeUndefined()
    expect(
      refusal('query ($a: Int, $b: Int) { items(first: $a, last: $b) { id } }', { b: 2 }),
    ).toBeUndefined()
    expect(refusal('{ page { nodes { id } } }')).toBeUndefined()
  })
})
