import { describe, expect, it } from '@jest/globals'
import { buildSchema, parse, type OperationDefinitionNode } from 'graphql'
import { createParameterReader } from '../../../src/bff/parameters.js'
import type { RouteRequest } from '../../../src/kernel/route.js'
import { makeReceived } from '../../support/arrival.js'

const schema = buildSchema(`
  enum Size { SMALL LARGE }
  input Filter { name: String }
  type Query { a(id: ID, n: Int, f: Float, b: Boolean, size: Size, tags: [String!], ids: [Int!], filter: Filter): Int }
`)

function read(operation: string, request: Partial<RouteRequest>) {
  const definition = parse(operation).definitions[0] as OperationDefinitionNode
  return createParameterReader(
    definition,
    schema,
  )({
    method: 'GET',
    path: '/x',
    params: {},
    query: new URLSearchParams(),
    header: () => undefined,
    body: Buffer.alloc(0),
    json: () => ({}),
    arrival: makeReceived(),
    ...request,
  })
}

describe('the variables of a BFF request', () => {
  it('come from path and query, converted by their declared types', () => {
    const variables = read(
      'query ($id: ID!, $n: Int = 3, $f: Float, $b: Boolean!, $size: Size, $tags: [String!], $ids: [Int!]) { a(id: $id, n: $n, f: $f, b: $b, size: $size, tags: $tags, ids: $ids) }',
      {
        params: { id: '007' },
        query: new URLSearchParams('n=5&f=-1.5&b=true&size=LARGE&tags=x&tags=y&ids=1&ids=2'),
      },
    )
    expect(variables).toEqual({
      id: '007',
      n: 5,
      f: -1.5,
      b: true,
      size: 'LARGE',
      tags: ['x', 'y'],
      ids: [1, 2],
    })
  })

  it('leave out what was not given, so that defaults apply, and ignore what nobody asks for', () => {
    expect(
      read('query ($n: Int = 3) { a(n: $n) }', { query: new URLSearchParams('utm_source=mail') }),
    ).toEqual({})
  })

  it('stay texts where they are not of the type, so that the line refuses them by name', () => {
    expect(read('query ($n: Int) { a(n: $n) }', { query: new URLSearchParams('n=1e9x') })).toEqual({
      n: '1e9x',
    })
  })

  it('come from the members of a JSON body', () => {
    const request = { json: () => ({ filter: { name: 'x' }, n: 1 }) }
    expect(read('query ($filter: Filter, $n: Int) { a(filter: $filter, n: $n) }', request)).toEqual({
      filter: { name: 'x' },
      n: 1,
    })
  })

  it('are refused where one is given more than once', () => {
    const request = { query: new URLSearchParams('n=1&n=2') }
    expect(() => read('query ($n: Int) { a(n: $n) }', request)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT' }),
    )
  })

  it('never reach beyond own members', () => {
    const request = { json: () => JSON.parse('{"__proto__":{"n":1}}') }
    expect(read('query ($n: Int, $constructor: Int) { a(n: $n, n2: $constructor) }', request)).toEqual({})
    expect(Object.hasOwn(Object.prototype, 'n')).toBe(false)
  })
})
