import { describe, expect, it } from '@jest/globals'
import { buildSchema } from 'graphql'
import { createOperationPolicy } from '../../../src/cache/operation-policy.js'
import { DIRECTIVES, toRecord } from './fixture.js'

const policyOf = (types: string, query: string, defaultMaxAgeSeconds = 0) =>
  createOperationPolicy(
    buildSchema(`${DIRECTIVES} ${types}`, { assumeValidSDL: true }),
    defaultMaxAgeSeconds,
  )(toRecord(query))

const ageOf = (types: string, query: string, defaultMaxAge = 0) =>
  policyOf(types, query, defaultMaxAge).maxAgeSeconds
const scopeOf = (types: string, query: string) => policyOf(types, query).scope

describe('the age', () => {
  it.each<[string, string, string, number, number]>([
    ['a root field without hint has the default', 'type Query { a: Int }', '{ a }', 9, 9],
    ['a root field keeps its hint', 'type Query { a: Int @cacheControl(maxAge: 60) }', '{ a }', 9, 60],
    [
      'a type gives its hint to fields',
      'type Query { a: A } type A @cacheControl(maxAge: 60) { b: Int }',
      '{ a { b } }',
      0,
      60,
    ],
    [
      'a field goes before its type',
      'type Query { a: A @cacheControl(maxAge: 90) } type A @cacheControl(maxAge: 60) { b: Int }',
      '{ a { b } }',
      0,
      90,
    ],
    [
      'leaves follow their parent',
      'type Query { a: A @cacheControl(maxAge: 90) } type A { b: Int }',
      '{ a { b } }',
      0,
      90,
    ],
    [
      'objects below do not',
      'type Query { a: A @cacheControl(maxAge: 90) } type A { b: B } type B { c: Int }',
      '{ a { b { c } } }',
      5,
      5,
    ],
    [
      'objects below may inherit by field',
      'type Query { a: A @cacheControl(maxAge: 90) } type A { b: B @cacheControl(inheritMaxAge: true) } type B { c: Int }',
      '{ a { b { c } } }',
      5,
      90,
    ],
    [
      'objects below may inherit by type',
      'type Query { a: A @cacheControl(maxAge: 90) } type A { b: B } type B @cacheControl(inheritMaxAge: true) { c: Int }',
      '{ a { b { c } } }',
      5,
      90,
    ],
    [
      'a root field cannot inherit',
      'type Query { a: A @cacheControl(inheritMaxAge: true) } type A { c: Int }',
      '{ a { c } }',
      5,
      5,
    ],
    [
      'lists are their elements',
      'type Query { a: [A!]! } type A @cacheControl(maxAge: 60) { b: Int }',
      '{ a { b } }',
      0,
      60,
    ],
    [
      'the smallest wins',
      'type Query { a: A } type A @cacheControl(maxAge: 60) { b: Int @cacheControl(maxAge: 3) c: Int }',
      '{ a { c b } }',
      0,
      3,
    ],
    [
      'an alias changes nothing',
      'type Query { a: A } type A @cacheControl(maxAge: 60) { b: Int @cacheControl(maxAge: 3) c: Int }',
      '{ a { c: b } }',
      0,
      3,
    ],
    [
      'skipped fields count',
      'type Query { a: A } type A @cacheControl(maxAge: 60) { b: Int @cacheControl(maxAge: 3) c: Int }',
      '{ a { c b @skip(if: true) } }',
      0,
      3,
    ],
    [
      'fragments count',
      'type Query { a: A } type A @cacheControl(maxAge: 60) { b: Int @cacheControl(maxAge: 3) c: Int }',
      '{ a { c ...F } } fragment F on A { ... { b } }',
      0,
      3,
    ],
    [
      '__typename counts for nothing',
      'type Query { a: A @cacheControl(maxAge: 60) } type A { b: Int }',
      '{ __typename a { __typename } }',
      0,
      60,
    ],
    ['a negative age is none', 'type Query { a: Int @cacheControl(maxAge: -5) }', '{ a }', 9, 0],
  ])('%s', (_, types, query, defaultMaxAge, expected) => {
    expect(ageOf(types, query, defaultMaxAge)).toBe(expected)
  })

  it('is that of the strictest type that may come', () => {
    const types = `
      type Query { node: Node @cacheControl(maxAge: 100) any: Any }
      interface Node { id: ID @cacheControl(maxAge: 50) }
      type A implements Node { id: ID @cacheControl(maxAge: 20) }
      type B implements Node { id: ID b: Int @cacheControl(maxAge: 10) }
      union Any @cacheControl(maxAge: 40) = A | C
      type C @cacheControl(maxAge: 30) { c: Int }`
    expect(ageOf(types, '{ node { id } }')).toBe(20)
    expect(ageOf(types, '{ node { ... on B { b } } }')).toBe(10)
    expect(ageOf(types, '{ any { __typename } }')).toBe(30)
  })

  it('is none for other operations and for introspection alone', () => {
    const types =
      'type Query { a: Int @cacheControl(maxAge: 60) } type Mutation { a: Int @cacheControl(maxAge: 60) }'
    expect(ageOf(types, 'mutation { a }')).toBe(0)
    expect(ageOf(types, '{ __schema { queryType { name } } __typename }', 60)).toBe(0)
    expect(ageOf(types, '{ unknown }', 60)).toBe(0)
    expect(ageOf(types, '{ ... on Unknown { a } a }', 60)).toBe(0)
  })
})

describe('the scope', () => {
  it.each<[string, string, string, 'PUBLIC' | 'PRIVATE']>([
    ['PUBLIC without any word', 'type Query { a: Int }', '{ a }', 'PUBLIC'],
    [
      'PRIVATE by one field',
      'type Query { a: Int b: Int @cacheControl(scope: PRIVATE) }',
      '{ a b }',
      'PRIVATE',
    ],
    [
      'PRIVATE by one type',
      'type Query { a: A } type A @cacheControl(scope: PRIVATE) { b: Int }',
      '{ a { b } }',
      'PRIVATE',
    ],
    [
      'that of the field before that of the type',
      'type Query { a: A @cacheControl(scope: PUBLIC) } type A @cacheControl(scope: PRIVATE) { b: Int }',
      '{ a { b } }',
      'PUBLIC',
    ],
    ['PRIVATE by @authenticated', 'type Query { a: Int @authenticated }', '{ a }', 'PRIVATE'],
    [
      'PRIVATE by @requiresScopes',
      'type Query { a: Int @requiresScopes(scopes: [["x"]]) }',
      '{ a }',
      'PRIVATE',
    ],
    [
      'PUBLIC where the guarded field says so',
      'type Query { a: Int @authenticated @cacheControl(scope: PUBLIC, maxAge: 5) }',
      '{ a }',
      'PUBLIC',
    ],
    [
      'PRIVATE where a guarded field gives an age only',
      'type Query { a: Int @authenticated @cacheControl(maxAge: 5) }',
      '{ a }',
      'PRIVATE',
    ],
    [
      'PRIVATE by a guarded type, though its field says PUBLIC',
      'type Query { a: A @cacheControl(scope: PUBLIC) } type A @authenticated { b: Int }',
      '{ a { b } }',
      'PRIVATE',
    ],
    ['PRIVATE by a guarded scalar', 'type Query { a: S } scalar S @authenticated', '{ a }', 'PRIVATE'],
    ['PRIVATE by a guarded enum', 'type Query { a: E } enum E @authenticated { X }', '{ a }', 'PRIVATE'],
    ['PRIVATE by a guarded root type', 'type Query @authenticated { a: Int }', '{ a }', 'PRIVATE'],
    [
      'PRIVATE by an extension',
      'type Query { a: A } type A { b: Int } extend type A @authenticated',
      '{ a { b } }',
      'PRIVATE',
    ],
    [
      'PRIVATE by one implementation',
      'type Query { n: N } interface N { id: ID } type A implements N { id: ID @authenticated } type B implements N { id: ID }',
      '{ n { id } }',
      'PRIVATE',
    ],
    [
      'PRIVATE by the interface of the type asked',
      'type Query { a: A } interface N { id: ID @authenticated } type A implements N { id: ID }',
      '{ a { id } }',
      'PRIVATE',
    ],
    [
      'PRIVATE by a union member',
      'type Query { u: U } union U = A | B type A @authenticated { a: Int } type B { b: Int }',
      '{ u { ... on B { b } } }',
      'PRIVATE',
    ],
  ])('is %s', (_, types, query, expected) => {
    expect(scopeOf(types, query)).toBe(expected)
  })
})

describe('the names of directives', () => {
  const hidden = `
    directive @cc(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION
    directive @federation__cacheControl(maxAge: Int) on FIELD_DEFINITION
    directive @auth on FIELD_DEFINITION
    directive @federation__requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
    directive @scoped__requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
    type Query {
      a: Int @cc(maxAge: 60)
      b: Int @cc(maxAge: 60) @auth
      c: Int @cc(maxAge: 60) @federation__requiresScopes(scopes: [["x"]])
      d: Int @federation__cacheControl(maxAge: 70)
    }`

  it('are found through an alias in an import', () => {
    const link =
      'schema @link(url: "https://specs.example/cacheControl/v0.1", import: [{ name: "@cacheControl", as: "@cc" }]) { query: Query }'
    expect(ageOf(`${link} ${hidden}`, '{ a }')).toBe(60)
    expect(ageOf(hidden, '{ a }')).toBe(0)
  })

  it('are found through an alias of the specification', () => {
    const link = 'schema @link(url: "https://specs.example/cacheControl/v0.1", as: "cc") { query: Query }'
    expect(ageOf(`${link} ${hidden}`, '{ a }')).toBe(60)
  })

  it('are found without import, under the prefix of their specification', () => {
    const link = 'schema @link(url: "https://specs.example/federation/v2.9") { query: Query }'
    expect(ageOf(`${link} ${hidden}`, '{ d }')).toBe(70)
  })

  it('are found for access directives in all three spellings', () => {
    const cc = '@link(url: "https://specs.example/cacheControl/v0.1", as: "cc")'
    const spelled = (links: string): string => `schema ${cc} ${links} { query: Query } ${hidden}`
    const renamed = spelled(
      '@link(url: "https://specs.apollo.dev/authenticated/v0.1", as: "auth", for: SECURITY)',
    )
    expect(scopeOf(renamed, '{ b }')).toBe('PRIVATE')
    const imported = spelled(
      '@link(url: "https://specs.apollo.dev/federation/v2.9", import: [{ name: "@authenticated", as: "@auth" }])',
    )
    expect(scopeOf(imported, '{ b }')).toBe('PRIVATE')
    const prefixed = spelled('@link(url: "https://specs.apollo.dev/federation/v2.9")')
    expect(scopeOf(prefixed, '{ c }')).toBe('PRIVATE')
    expect(scopeOf(prefixed, '{ a }')).toBe('PUBLIC')
  })

  it('are found where the link stands on an extension of the schema', () => {
    const extension =
      'schema { query: Query } extend schema @link(url: "https://specs.example/cacheControl/v0.1", as: "cc")'
    expect(ageOf(`${extension} ${hidden}`, '{ a }')).toBe(60)
  })
})
