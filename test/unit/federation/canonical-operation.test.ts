import { describe, expect, it } from '@jest/globals'
import { parse, print, validate } from 'graphql'
import {
  clientText,
  createCanonise,
  type CanonicalOperation,
} from '../../../src/federation/planning/canonical-operation.js'
import { planKeyOf } from '../../../src/federation/supergraph/plan-key-of.js'
import type { JsonObject } from '../../../src/kernel/json.js'
import { supergraphOf } from '../execution/world.js'
import { makeRecord } from './graphs.js'

const schemas = supergraphOf(`
  directive @join__field(requires: String) on FIELD_DEFINITION
  type Query {
    one(id: ID!, n: Int = 5, f: Float, s: String, b: Boolean, e: Size, at: DateTime): Thing
    many(ids: [ID!]!, grid: [[Int]], sizes: [Size], filter: Filter, filters: [Filter!], either: Either): [Thing!]!
    node: Node
  }
  type Mutation { add(name: String!): Thing  drop(name: String!): Thing }
  interface Node { pick(by: Int): Int }
  interface Other { pick(by: [Int!]): Int }
  type Thing implements Node {
    id: ID!
    name(upTo: Int): String
    price(currency: String, on: Int): Int
    tax: Int @join__field(requires: "price(currency: \\"EUR\\")")
    pick(by: Int): Int
    next: Thing
  }
  type Third implements Other { pick(by: [Int!]): Int  name(upTo: Float): String }
  enum Size { S M }
  scalar DateTime
  input Filter { min: Int! = 1, name: String, sizes: [Size!], after: DateTime, and: [Filter!] }
  input Either @oneOf { a: Int, b: String }
`)

const shop = { ...schemas, planKey: planKeyOf(schemas.schema) }
const canonise = createCanonise(shop)

function canonical(source: string, name?: string): CanonicalOperation {
  const found = canonise(makeRecord(source, name))
  if (found === undefined) throw new Error('Nothing is left of the operation.')
  return found
}

const text = (source: string): string => canonical(source).text
const values = (source: string, variables: JsonObject = {}): JsonObject =>
  canonical(source).variables.valuesFor(variables)
const printed = (source: string): string => print(parse(source))

describe('operations share their canonical form', () => {
  it.each([
    ['literals', '{ one(id: "1", n: 2) { id } }', '{ one(id: "2", n: 7) { id } }'],
    ['literals and variables', '{ one(id: "1") { id } }', 'query Q($id: ID!) { one(id: $id) { id } }'],
    ['names of operations', 'query A { one(id: 1) { id } }', 'query B { one(id: 1) { id } }'],
    [
      'names of variables',
      'query ($a: ID!, $b: Boolean!) { one(id: $a) { id @skip(if: $b) } }',
      'query ($b: ID!, $a: Boolean!) { one(id: $b) { id @skip(if: $a) } }',
    ],
    [
      'the order of variables',
      'query ($a: ID!, $b: Boolean!) { one(id: $a) { id @skip(if: $b) } }',
      'query ($b: Boolean!, $a: ID!) { one(id: $a) { id @skip(if: $b) } }',
    ],
    [
      'names and order of fragments',
      '{ one(id: 1) { ...A } } fragment A on Thing { next { ...B } } fragment B on Thing { id }',
      'fragment A on Thing { id } fragment B on Thing { next { ...A } } { one(id: 1) { ...B } }',
    ],
    [
      'white space, commas and comments',
      '{one(id:"1",n:2){id,name}}',
      '# of all\n{\n  one(id: "1" n: 2) { id # and\n name } }',
    ],
    ['ways to write a string', '{ one(id: "1") { id } }', '{ one(id: """1""") { id } }'],
    [
      'literals in fragments',
      '{ one(id: 1) { ...A } } fragment A on Thing { name(upTo: 1) }',
      '{ one(id: 1) { ...A } } fragment A on Thing { name(upTo: 2) }',
    ],
    ['the length of lists', '{ many(ids: ["1"]) { id } }', '{ many(ids: ["1", "2"]) { id } }'],
    [
      'the shape of input objects',
      '{ many(ids: [], filter: { min: 1 }) { id } }',
      '{ many(ids: [], filter: { name: "a", min: 2, and: [{ sizes: [S], min: 0 }] }) { id } }',
    ],
    [
      'what is dropped',
      '{ one(id: 1) { id } }',
      'query ($t: String!) { __type(name: $t) { name } one(id: 1) { id name @skip(if: true) } }',
    ],
  ])('if they differ only in %s', (_, one, other) => {
    expect(text(one)).toBe(text(other))
  })

  it.each([
    ['response keys', '{ a: one(id: 1) { id } }', '{ b: one(id: 1) { id } }'],
    ['the order of fields', '{ one(id: 1) { id name } }', '{ one(id: 1) { name id } }'],
    ['null', '{ one(id: 1, n: null) { id } }', '{ one(id: 1, n: 1) { id } }'],
    [
      'defaults',
      'query ($n: Int = 1) { one(id: 1, n: $n) { id } }',
      'query ($n: Int = 2) { one(id: 1, n: $n) { id } }',
    ],
    ['literal conditions', '{ one(id: 1) { id @include(if: true) } }', '{ one(id: 1) { id } }'],
    ['literals of custom scalars', '{ one(id: 1, at: "a") { id } }', '{ one(id: 1, at: "b") { id } }'],
    ['which arguments there are', '{ one(id: 1, n: 1) { id } }', '{ one(id: 1) { id } }'],
  ])('but not if they differ in %s', (_, one, other) => {
    expect(text(one)).not.toBe(text(other))
  })

  it.each([
    '{ a: one(id: "1", n: 2) { ...A } b: one(id: 2) { name(upTo: 3) } } fragment A on Thing { next { name(upTo: 3) } }',
    'query ($x: Boolean! = true, $n: Int) { ... @skip(if: $x) { many(ids: [1], filter: { min: 3, name: null }) { id name(upTo: $n) } } }',
    'mutation { add(name: "a") { id } drop(name: "a") { id } }',
    '{ one(id: 1) { price: name(upTo: 2) client_x: id kind: __typename ...A } } fragment A on Thing { next { price: id } }',
    '{ node { pick(by: 1) } }',
  ])('which as a client would write it has the same canonical form: %s', (source) => {
    const once = clientText(canonical(source))
    expect(validate(shop.apiSchema, parse(once))).toEqual([])
    expect(text(once)).toBe(text(source))
    expect(clientText(canonical(once))).toBe(once)
  })
})

describe('objects of an interface with a hidden type', () => {
  const visible = 'type Query { node: Node } interface Node { id: ID } type Thing implements Node { id: ID }'
  const canoniseHidden = createCanonise(
    supergraphOf(`${visible} type Secret implements Node { id: ID }`, visible),
  )

  it.each(['{ node { id } }', '{ node { __typename id } }', '{ node { id ... on Thing { id } } }'])(
    'tell their type, once: %s',
    (source) => {
      const once = canoniseHidden(makeRecord(source))
      expect(once?.text.match(/__typename/g)).toHaveLength(1)
      expect(canoniseHidden(makeRecord(once?.text ?? ''))?.text).toBe(once?.text)
    },
  )
})

describe('a lifted literal', () => {
  it.each<[string, string, JsonObject]>([
    [
      '{ one(id: 12345678901234567890, n: 2, f: 3, s: "x", b: true, e: M) { id } }',
      'query ($v0: ID!, $v1: Int!, $v2: Float!, $v3: String!, $v4: Boolean!, $v5: Size!) { one(id: $v0, n: $v1, f: $v2, s: $v3, b: $v4, e: $v5) { id } }',
      { v0: '12345678901234567890', v1: 2, v2: 3, v3: 'x', v4: true, v5: 'M' },
    ],
    [
      '{ many(ids: "1", grid: 5, sizes: [S, null], filters: { min: 2 }) { id } }',
      'query ($v0: [ID!]!, $v1: [[Int]]!, $v2: [Size]!, $v3: [Filter!]!) { many(ids: $v0, grid: $v1, sizes: $v2, filters: $v3) { id } }',
      { v0: ['1'], v1: [[5]], v2: ['S', null], v3: [{ min: 2 }] },
    ],
    [
      '{ many(ids: [], filter: { name: null, and: { min: 1 } }, either: { a: 1 }) { id } }',
      'query ($v0: [ID!]!, $v1: Filter!, $v2: Either!) { many(ids: $v0, filter: $v1, either: $v2) { id } }',
      // The default of `min` is the subgraph's to apply.
      { v0: [], v1: { name: null, and: [{ min: 1 }] }, v2: { a: 1 } },
    ],
    [
      '{ one(id: 1, s: """\n  two\n    lines\n""") { id } }',
      'query ($v0: ID!, $v1: String!) { one(id: $v0, s: $v1) { id } }',
      { v0: '1', v1: 'two\n  lines' },
    ],
  ])('is a variable of a type that fits wherever the literal did: %s', (source, expected, expectedValues) => {
    expect(text(source)).toBe(printed(expected))
    expect(values(source)).toEqual(expectedValues)
    expect(validate(shop.apiSchema, parse(text(source)))).toEqual([])
  })

  it('leaves what cannot be proved: custom scalars, what JSON cannot write, conditions', () => {
    expect(text('{ one(id: null, f: 1e999, at: "now") { id @include(if: true) } }')).toBe(
      printed('{ one(id: null, f: 1e999, at: "now") { id @include(if: true) } }'),
    )
    expect(text('{ one(id: null, f: -0.0, at: { any: ["thing"] }) { id } }')).toBe(
      printed('{ one(id: null, f: -0.0, at: { any: ["thing"] }) { id } }'),
    )
  })

  it('is a part of an argument whose other parts stay', () => {
    const source = `query ($name: String, $at: DateTime, $min: Int!) {
      many(ids: ["1"], filter: { min: 3, name: $name, after: "now", sizes: [S] }, filters: [{ min: $min, after: $at }]) { id }
    }`
    expect(text(source)).toBe(
      printed(`query ($v0: [ID!]!, $v1: Int!, $v2: String, $v3: [Size!]!, $v4: Int!, $v5: DateTime) {
        many(ids: $v0, filter: { min: $v1, name: $v2, after: "now", sizes: $v3 }, filters: [{ min: $v4, after: $v5 }]) { id }
      }`),
    )
    expect(values(source, { name: 'n', min: 9 })).toEqual({ v0: ['1'], v1: 3, v2: 'n', v3: ['S'], v4: 9 })
    expect(text('{ many(ids: [], filters: { min: 1, after: "now" }) { id } }')).toBe(
      printed(
        'query ($v0: [ID!]!, $v1: Int!) { many(ids: $v0, filters: { min: $v1, after: "now" }) { id } }',
      ),
    )
  })

  it('is one variable wherever fields have to have equal arguments', () => {
    const source = `{
      one(id: 1, s: "1") { name(upTo: 1) other: name(upTo: 1) ...A }
      many(ids: [1], filter: { min: 1, name: "a" }) { id }
      ... { many(ids: [1], filter: { name: "a", min: 1 }) { name(upTo: 1) } }
    } fragment A on Thing { name(upTo: 1) }`
    expect(text(source)).toBe(
      printed(`query ($v0: ID!, $v1: String!, $v2: Int!, $v3: Int!, $v4: [ID!]!, $v5: Filter!) {
        one(id: $v0, s: $v1) { name(upTo: $v2) other: name(upTo: $v3) ...f0 }
        many(ids: $v4, filter: $v5) { id }
        many(ids: $v4, filter: $v5) { name(upTo: $v2) }
      } fragment f0 on Thing { name(upTo: $v2) }`),
    )
    expect(validate(shop.apiSchema, parse(text(source)))).toEqual([])
  })

  it('stays where one response key would want it in two types', () => {
    const source =
      '{ node { ... on Node { pick(by: 1) } ... on Other { pick(by: 1) } ... on Thing { name(upTo: 2) } ... on Third { next: pick(by: 3) } } }'
    expect(text(source)).toBe(
      printed(
        'query ($v0: Int!, $v1: [Int!]!) { node { ... on Node { pick(by: 1) } ... on Other { pick(by: 1) } ... on Thing { name(upTo: $v0) } ... on Third { next: pick(by: $v1) } } }',
      ),
    )
    const parts = `{ node {
      ... on Thing { name(upTo: 5) }
      ... on Third { name(upTo: 5) }
    } }`
    expect(text(parts)).toBe(printed(parts))
  })

  it('stays at fields that a requirement asks with arguments of its own', () => {
    expect(text('{ one(id: null) { price(currency: "EUR", on: 3) } }')).toBe(
      printed('{ one(id: null) { price(currency: "EUR", on: 3) } }'),
    )
    expect(text('query ($c: String) { one(id: null) { price(currency: $c) } }')).toBe(
      printed('query ($v0: String) { one(id: null) { price(currency: $v0) } }'),
    )
  })
})

describe('the values of a plan', () => {
  it('are those of the client under the new names, without what it did not give', () => {
    const source =
      'query ($constructor: ID!, $n: Int, $s: String) { one(id: $constructor, n: $n, s: $s, b: true) { id } }'
    expect(
      values(
        source,
        Object.fromEntries([
          ['constructor', 'c'],
          ['s', null],
        ]),
      ),
    ).toEqual({ v0: 'c', v2: null, v3: true })
    expect(values(source)).toEqual({ v3: true })
  })

  it('are the same object where nothing was lifted or renamed, and for every request without variables', () => {
    const variables = { v0: '1' }
    expect(values('query ($v0: ID!) { one(id: $v0) { id } }', variables)).toBe(variables)
    expect(values('{ node { __typename } }', variables)).toBe(variables)
    const { valuesFor } = canonical('{ one(id: 1) { id } }').variables
    expect(valuesFor({})).toBe(valuesFor({}))
  })
})
