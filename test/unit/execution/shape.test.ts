import { describe, expect, it } from '@jest/globals'
import type { Denial } from '../../../src/kernel/denial.js'
import { createPlanKeys } from '../../../src/kernel/plan-keys.js'
import { createBench, supergraphOf } from './world.js'

const FULL = `
  enum Size { S M XXL_INTERNAL }
  interface Node { id: ID! }
  type Book implements Node { id: ID! title: String! size: Size sizes: [Size!] }
  type Secret implements Node { id: ID! }
  union Found = Book | Secret
  scalar Any
  type Types { int: Int float: Float string: String boolean: Boolean id: ID any: Any ints: [Int] deep: [[Int!]] }
  type Query { book: Book strict: Book! node: Node found: [Found] types: Types books: [Book] }
  type Mutation { change: Book }
`
const API = `
  enum Size { S M }
  interface Node { id: ID! }
  type Book implements Node { id: ID! title: String! size: Size sizes: [Size!] }
  union Found = Book
  scalar Any
  type Types { int: Int float: Float string: String boolean: Boolean id: ID any: Any ints: [Int] deep: [[Int!]] }
  type Query { book: Book strict: Book! node: Node found: [Found] types: Types books: [Book] }
  type Mutation { change: Book }
`
const SHOP = supergraphOf(FULL, API)
const bench = createBench(SHOP)
const MISFIT = 'SUBREQUEST_MALFORMED_RESPONSE'

function errorsOf(body: ReturnType<typeof bench.shape>) {
  return (body.errors ?? []).map(({ path, extensions }) => [path?.join('.'), extensions.code])
}

describe('leaves', () => {
  it.each([
    ['int', 5, 5],
    ['int', -2_147_483_648, -2_147_483_648],
    ['float', 1e300, 1e300],
    ['string', '', ''],
    ['boolean', false, false],
    ['id', 12, '12'],
    ['id', 'a', 'a'],
    ['any', { a: [1, null] }, { a: [1, null] }],
  ])('%s lets %j pass', (field, value, expected) => {
    const body = bench.shape({ query: `{ types { ${field} } }` }, { types: { [field]: value } })
    expect(body).toEqual({ data: { types: { [field]: expected } } })
  })

  it.each([
    ['int', 2_147_483_648],
    ['int', 1.5],
    ['int', '5'],
    ['float', '1'],
    ['string', 5],
    ['string', {}],
    ['boolean', 1],
    ['id', 1.5],
    ['id', true],
    ['ints', 5],
    ['ints', { 0: 1 }],
    ['deep', [5]],
  ])('%s does not let %j pass, and does not show it', (field, value) => {
    const body = bench.shape({ query: `{ types { ${field} } }` }, { types: { [field]: value } })
    expect(errorsOf(body)).toEqual([[field === 'deep' ? 'types.deep.0' : `types.${field}`, MISFIT]])
    expect(body.data).toEqual({ types: { [field]: field === 'deep' ? [null] : null } })
  })

  it('hides enum values that the API schema does not have, and their names', () => {
    const body = bench.shape(
      { query: '{ book { size sizes } }' },
      { book: { size: 'XXL_INTERNAL', sizes: ['S', 'XXL_INTERNAL'] } },
    )
    expect(body.data).toEqual({ book: { size: null, sizes: null } })
    expect(errorsOf(body)).toEqual([
      ['book.size', MISFIT],
      ['book.sizes.1', MISFIT],
    ])
    expect(JSON.stringify(body)).not.toContain('XXL')
  })
})

describe('objects', () => {
  it.each([[[]], ['text'], [5], [true]])('%j where an object should be is null with an error', (value) => {
    const body = bench.shape({ query: '{ book { id } node { id } }' }, { book: value, node: value })
    expect(body.data).toEqual({ book: null, node: null })
    expect(errorsOf(body)).toEqual([
      ['book', MISFIT],
      ['node', MISFIT],
    ])
  })

  it('of a hidden, unknown or missing type are null with an error that does not name it', () => {
    const found = [
      { __typename: 'Book', id: '1' },
      { __typename: 'Secret', id: '2' },
      { __typename: 'constructor' },
      {},
      { __typename: 'Query' },
      null,
    ]
    const body = bench.shape(
      { query: '{ found { ... on Book { id } } node { id } }' },
      { found, node: found[1] },
    )
    expect(body.data).toEqual({ found: [{ id: '1' }, null, null, null, null, null], node: null })
    expect(errorsOf(body)).toEqual(
      [1, 2, 3, 4].map((index) => [`found.${index}`, MISFIT]).concat([['node', MISFIT]]),
    )
    expect(JSON.stringify(body)).not.toContain('Secret')
  })

  it('tell their type under any alias', () => {
    const query =
      '{ kind: __typename node { k: __typename ... on Book { kk: __typename id } } book { __typename } }'
    const body = bench.shape(
      { query },
      { node: { __typename: 'Book', id: '1' }, book: { __typename: 'Wrong' } },
    )
    expect(body).toEqual({
      data: { kind: 'Query', node: { k: 'Book', kk: 'Book', id: '1' }, book: { __typename: 'Book' } },
    })
  })

  it('may leave their type out where all fields are common and no type is hidden', () => {
    const open = createBench(supergraphOf(API))
    const node = { id: '1' }
    expect(
      open.shape({ query: '{ node { a: id ... on Node { id } } }' }, { node: { a: 1, ...node } }),
    ).toEqual({
      data: { node: { a: '1', id: '1' } },
    })
    for (const query of ['{ node { id ... on Book { id } } }', '{ node { id __typename } }']) {
      expect(errorsOf(open.shape({ query }, { node }))).toEqual([['node', MISFIT]])
    }
    expect(errorsOf(bench.shape({ query: '{ node { id } }' }, { node }))).toEqual([['node', MISFIT]])
    const denials: readonly Denial[] = [
      {
        path: ['node', 'id'],
        parentTypes: new Set(['Book']),
        coordinate: 'Book.id',
        code: 'UNAUTHORIZED_FIELD_OR_TYPE',
        message: 'Unauthorized field or type',
      },
    ]
    expect(open.shape({ query: '{ node { id } }', denials }, { node }).data).toEqual({ node: null })
  })

  it('hold only what was asked for, in the order of the operation', () => {
    const query = '{ book { title ...A b: id } } fragment A on Book { id title }'
    const book = { id: '1', b: '1', extra: 1, title: 'T', __typename: 'Book' }
    expect(JSON.stringify(bench.shape({ query }, { other: 1, book }))).toBe(
      '{"data":{"book":{"title":"T","id":"1","b":"1"}}}',
    )
  })

  it('follow @skip and @include by the variables of each request', () => {
    const query = 'query($x: Boolean!) { book { id @skip(if: $x) title @include(if: $x) } }'
    const data = { book: { id: '1', title: 'T' } }
    expect(bench.shape({ query, variables: { x: true } }, data)).toEqual({ data: { book: { title: 'T' } } })
    expect(bench.shape({ query, variables: { x: false } }, data)).toEqual({ data: { book: { id: '1' } } })
  })

  it('of mutations are shaped by the mutation type', () => {
    const body = bench.shape({ query: 'mutation { __typename change { id } }' }, { change: { id: 1 } })
    expect(body).toEqual({ data: { __typename: 'Mutation', change: { id: '1' } } })
  })
})

describe('nulls', () => {
  it('propagate to the next nullable place with one error', () => {
    const books = [{ id: '1', title: 'T' }, { id: null }, { title: 'T' }]
    const body = bench.shape({ query: '{ books { id title } }' }, { books })
    expect(body.data).toEqual({ books: [{ id: '1', title: 'T' }, null, null] })
    expect(errorsOf(body)).toEqual([
      ['books.1.id', MISFIT],
      ['books.2.id', MISFIT],
    ])
    expect(body.errors?.[0]?.message).toBe('Cannot return null for non-nullable field Book.id.')
  })

  it('reach the root', () => {
    expect(bench.shape({ query: '{ strict { id } book { id } }' }, { book: { id: '1' } })).toMatchObject({
      data: null,
      errors: [{ path: ['strict'] }],
    })
    expect(bench.shape({ query: '{ book { id } }' }, null)).toEqual({ data: null })
  })

  it.each([
    ['at the place', ['strict', 'id']],
    ['above it', ['strict']],
    ['below it', ['strict', 'id', 'x']],
  ])('that an error %s explains get none of their own', (_where, path) => {
    const error = { message: 'failed', path, extensions: { code: 'SUBGRAPH_ERROR' } }
    const body = bench.shape({ query: '{ strict { id } }' }, { strict: {} }, { errors: [error] })
    expect(body.data).toBeNull()
    expect(errorsOf(body)).toHaveLength(1)
    expect(body.errors?.[0]?.message).toBe('failed')
  })

  it('are explained by @ for every position of a list, and by nothing for another key', () => {
    const error = { message: 'failed', path: ['books', '@', 'id'], extensions: { code: 'SUBGRAPH_ERROR' } }
    const body = bench.shape({ query: '{ books { id } }' }, { books: [{}, {}] }, { errors: [error] })
    expect(body.errors).toHaveLength(1)
    const other = bench.shape({ query: '{ books { title } }' }, { books: [{}] }, { errors: [error] })
    expect(errorsOf(other)).toEqual([
      ['books.@', 'SUBGRAPH_ERROR'],
      ['books.0.title', MISFIT],
    ])
  })

  it('beyond the cap are counted in the log, not shown', () => {
    const small = createBench(SHOP, {}, { maxErrors: 3 })
    const body = small.shape({ query: '{ books { id } }' }, { books: Array.from({ length: 10 }, () => ({})) })
    expect(body.errors).toHaveLength(3)
    expect(body.data).toEqual({ books: Array.from({ length: 10 }, () => null) })
    expect(small.warnings).toEqual([{ requestId: 'request-1', omitted: 7 }])
    expect(small.counted).toEqual([MISFIT, MISFIT, MISFIT])
  })
})

describe('introspection', () => {
  it('is answered from the API schema, beside data and inside fragments', () => {
    const query = `query($name: String!, $other: Int) {
      book { id } ...Root ... on Query { t: __type(name: $name) { name ...Kind } }
    } fragment Root on Query { __schema { queryType { name } } } fragment Kind on __Type { kind __typename }`
    const data = { book: { id: '1' }, t: { name: 'forged' }, __schema: null }
    expect(bench.shape({ query, variables: { name: 'Book' } }, data)).toEqual({
      data: {
        book: { id: '1' },
        __schema: { queryType: { name: 'Query' } },
        t: { name: 'Book', kind: 'OBJECT', __typename: '__Type' },
      },
    })
    expect(bench.shape({ query, variables: { name: 'Secret' } }, data).data).toMatchObject({ t: null })
  })

  it('shows no hidden enum value', () => {
    const query = '{ __type(name: "Size") { enumValues { name } } }'
    expect(bench.shape({ query }, {}).data).toEqual({
      __type: { enumValues: [{ name: 'S' }, { name: 'M' }] },
    })
  })
})

describe('keys that a plan renamed', () => {
  const renamed = {
    ...supergraphOf(API),
    planKey: createPlanKeys(new Set(['id', '__typename']), ['id', 'title']),
  }
  const aliased = createBench(renamed)

  it('are the client’s again in the answer, in error paths and for what errors explain', () => {
    const query = '{ strict { id: title b: id } books { id: title } }'
    const error = {
      message: 'failed',
      path: ['books', 1, 'client_id'],
      extensions: { code: 'SUBGRAPH_ERROR' },
    }
    const data = { strict: { client_id: 'T', b: 7 }, books: [{ client_id: 'A' }, { client_id: null }] }
    expect(aliased.shape({ query }, data, { errors: [error] })).toEqual({
      errors: [{ ...error, path: ['books', 1, 'id'] }],
      data: { strict: { id: 'T', b: '7' }, books: [{ id: 'A' }, null] },
    })
  })

  it('leave the types of objects alone', () => {
    const query = '{ node { __typename: id ... on Book { id: __typename } } }'
    const node = { __typename: 'Book', client___typename: '1' }
    expect(aliased.shape({ query }, { node })).toEqual({ data: { node: { __typename: '1', id: 'Book' } } })
  })
})
