import { describe, expect, it } from '@jest/globals'
import { buildSchema, parse, print, type GraphQLSchema } from 'graphql'
import type { JsonObject } from '../../../src/kernel/json.js'
import { createRandom, executeOracle, randomOperation } from '../../support/random-operations.js'
import { createBench, fetchNode, recordOf, supergraphOf } from './world.js'

const FULL = `
  enum Size { S M XXL_INTERNAL }
  scalar Any
  interface Node { id: ID! }
  type Part implements Node { id: ID! size: Size count: Int! tags: [[String!]] any: Any }
  type Query { part: Part parts: [Part!]! node: Node }
`
const SHOP = supergraphOf(FULL, FULL.replace('XXL_INTERNAL', ''))
const QUERY = '{parts{id size n:count tags any __typename}}'
const PART = { id: '1', size: 'S', n: 1, tags: [['a'], null], any: { x: [1] }, __typename: 'Part' }

/** Spaces show whether a text was passed on or written anew. */
function spaced(data: unknown): string {
  return `{ "data": ${JSON.stringify(data)} }`
}

async function answerTo(query: string, data: unknown, sent = query): Promise<string> {
  const reply = { data: data as JsonObject, text: `${spaced(data)}\n`, isBare: true }
  const bench = createBench(SHOP, { shop: reply })
  const body = await bench.text({ node: fetchNode('shop', sent), query })
  expect(bench.calls).toHaveLength(1)
  return body
}

describe('a reply that is what the client asked for', () => {
  it.each([
    ['whole', { parts: [PART, PART] }],
    ['with nulls where they may be', { parts: [{ ...PART, size: null, tags: null, any: null }] }],
    ['with an empty list', { parts: [] }],
    ['with text that is escaped', { parts: [{ ...PART, id: '"\\\u2028' }] }],
  ])('goes out as it came: %s', async (_what, data) => {
    expect(await answerTo(QUERY, data)).toBe(spaced(data))
  })

  it.each<[string, unknown]>([
    ['more than was asked for', { parts: [{ ...PART, secret: 'x' }] }],
    ['more at the root', { parts: [PART], secret: 'x' }],
    ['another order', { parts: [{ size: 'S', id: '1', n: 1, tags: null, any: null, __typename: 'Part' }] }],
    ['a missing field', { parts: [{ ...PART, any: undefined }] }],
    ['null where none may be', { parts: [{ ...PART, n: null }] }],
    ['null in a list that may hold none', { parts: [{ ...PART, tags: [[null]] }] }],
    ['a number for an ID', { parts: [{ ...PART, id: 1 }] }],
    ['a value of another type', { parts: [{ ...PART, n: 1.5 }] }],
    ['an enum value that clients must not see', { parts: [{ ...PART, size: 'XXL_INTERNAL' }] }],
    ['another type name', { parts: [{ ...PART, __typename: 'Hidden' }] }],
    ['an object for a list', { parts: { 0: PART } }],
    ['a list for an object', { parts: [[PART]] }],
  ])('is written anew with %s', async (_what, data) => {
    const body = await answerTo(QUERY, data)
    expect(body.startsWith('{ ')).toBe(false)
    expect(body).not.toMatch(/secret|XXL|Hidden/)
    const shaped = createBench(SHOP).shape({ query: QUERY }, JSON.parse(JSON.stringify(data)))
    expect(JSON.parse(body)).toEqual(shaped)
  })

  it.each([
    [
      'the fetch asks for more',
      '{part{id}}',
      '{part{__typename id}}',
      { part: { __typename: 'Part', id: '1' } },
    ],
    [
      'the fetch asks in another order',
      '{part{id n:count}}',
      '{part{n:count id}}',
      { part: { n: 1, id: '1' } },
    ],
    [
      'the type is abstract',
      '{node{__typename id}}',
      '{node{__typename id}}',
      { node: { __typename: 'Part', id: '1' } },
    ],
  ])('is never looked at where %s', async (_why, query, sent, data) => {
    const body = await answerTo(query, data, sent)
    expect(body.startsWith('{ ')).toBe(false)
  })

  it('is written anew where the body holds more than data, and beside errors', async () => {
    const data = { part: { id: '1' } }
    for (const reply of [
      { isBare: false },
      { isBare: true, errors: [{ message: 'no', path: ['part', 'size'] }] },
    ]) {
      const bench = createBench(SHOP, { shop: { data, text: spaced(data), ...reply } })
      const body = await bench.text({ node: fetchNode('shop', '{part{id}}'), query: '{part{id}}' })
      expect(body.startsWith('{ ')).toBe(false)
    }
  })
})

const RANDOM_SDL = `
  scalar Any
  enum Color { RED GREEN }
  type User { id: ID! name: String! age: Int friends: [User!] best: User posts: [Post]! grid: [[Int!]] }
  type Post { id: ID! title: String! score: Float color: Color! author: User! any: Any }
  type Query { user: User me: User! posts: [Post!]! count: Int! flags: [Boolean!]! }
`
const FIRST_SEED = Number(process.env['PASS_SEED'] ?? 40_000)
const CASES = Number(process.env['PASS_CASES'] ?? (process.env['PASS_SEED'] === undefined ? 200 : 1))

describe('random replies', () => {
  it('passed on say the same as written anew', async () => {
    const schema: GraphQLSchema = buildSchema(RANDOM_SDL)
    const supergraph = supergraphOf(RANDOM_SDL)
    let passed = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
      const random = createRandom(seed)
      // A condition leaves keys out that the fetch still names.
      const query = randomOperation(random, schema, 3).replaceAll(/@(skip|include)\(if: \S+\)/g, '')
      const variables = { x: random() < 0.5, y: random() < 0.5 }
      const data: JsonObject = {}
      const { data: whole } = executeOracle(random, schema, recordOf(query), variables, data)
      // What a subgraph without faults would send: the answer itself, or its raw data.
      const sent = random() < 0.5 && whole ? (JSON.parse(JSON.stringify(whole)) as JsonObject) : data
      const reply = { data: sent, text: spaced(sent), isBare: true }
      const bench = createBench(supergraph, { shop: reply }, { maxErrors: 10_000 })
      const text = await bench.text({ node: fetchNode('shop', print(parse(query))), query, variables })
      if (text.startsWith('{ ')) passed += 1
      const written = bench.shape({ query, variables }, JSON.parse(JSON.stringify(sent)))
      expect({ seed, query, body: JSON.parse(text) as unknown }).toEqual({ seed, query, body: written })
      if (text.startsWith('{ ')) expect(text).toBe(`{ "data": ${JSON.stringify(written.data)} }`)
    }
    if (CASES >= 200) expect(passed).toBeGreaterThan(20)
  })
})
