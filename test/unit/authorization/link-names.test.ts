import { describe, expect, it } from '@jest/globals'
import { makeSupergraph, toSupergraph } from '../../support/make-supergraph.js'
import { PolicyError } from '../../../src/authorization/index.js'
import { user, world } from './world.js'

const link = (imports: string): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}])\n`

const composed = (head: string, body: string): ReturnType<typeof makeSupergraph> =>
  makeSupergraph([{ name: 'a', typeDefs: head + body }])

/** What a supergraph by hand needs of the machinery. */
const handWritten = (links: string, body: string): string => `
  schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
    ${links} { query: Query }
  directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
  directive @join__graph(name: String!, url: String!) on ENUM_VALUE
  directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
  enum join__Graph { A @join__graph(name: "a", url: "http://a") }
  scalar join__FieldSet
  scalar link__Import
  enum link__Purpose { SECURITY EXECUTION }
  ${body}
`

describe('names of the directives (R2)', () => {
  it.each([
    [
      'imported',
      link('"@authenticated", "@requiresScopes", "@policy"'),
      'authenticated',
      'requiresScopes',
      'policy',
    ],
    [
      'renamed',
      link(
        '{name: "@authenticated", as: "@signedIn"}, {name: "@requiresScopes", as: "@needs"}, {name: "@policy", as: "@law"}',
      ),
      'signedIn',
      'needs',
      'law',
    ],
    [
      'not imported',
      link('"@key"'),
      'federation__authenticated',
      'federation__requiresScopes',
      'federation__policy',
    ],
  ])('%s', async (_how, head, authenticated, scopes, policy) => {
    const supergraph = composed(
      head,
      `type Query { open: Int a: Int @${authenticated} b: Int @${scopes}(scopes: [["b"]]) c: Int @${policy}(policies: [["c"]]) }`,
    )
    expect(await world(supergraph).run('{ open a b c }')).toMatchObject({
      denied: ['a [Query]', 'b [Query]', 'c [Query]'],
      permitted: '{ open }',
    })
    expect((await world(supergraph).run('{ open a b }', user('b'))).denied).toEqual([])
  })

  it('finds a feature linked under another namespace', async () => {
    const sdl = handWritten(
      '@link(url: "https://specs.apollo.dev/authenticated/v0.1", as: "auth", for: SECURITY)',
      'directive @auth on FIELD_DEFINITION type Query @join__type(graph: A) { open: Int a: Int @auth }',
    )
    expect((await world(toSupergraph(sdl)).run('{ open a }')).denied).toEqual(['a [Query]'])
  })

  it('guards by a directive that no link explains', async () => {
    const sdl = handWritten(
      '',
      'directive @authenticated on FIELD_DEFINITION type Query @join__type(graph: A) { open: Int a: Int @authenticated }',
    )
    expect((await world(toSupergraph(sdl)).run('{ open a }')).denied).toEqual(['a [Query]'])
  })

  it("leaves another specification's directive of the same name alone", async () => {
    const head = `${link('"@composeDirective"')} extend schema @link(url: "https://example.org/policy/v1.0", import: ["@policy"]) @composeDirective(name: "@policy")
      directive @policy(text: String) on FIELD_DEFINITION\n`
    const supergraph = composed(head, 'type Query { a: Int @policy(text: "be kind") }')
    expect((await world(supergraph).run('{ a }')).denied).toEqual([])
  })

  it.each([
    ['an unknown feature', 'https://example.org/secrecy/v1.0'],
    ['an unknown version of a known one', 'https://specs.apollo.dev/authenticated/v1.0'],
  ])('refuses to load %s for SECURITY', (_what, url) => {
    const sdl = handWritten(
      `@link(url: "${url}", for: SECURITY)`,
      'type Query @join__type(graph: A) { open: Int }',
    )
    const supergraph = {
      ...toSupergraph(sdl.replace(`@link(url: "${url}", for: SECURITY)`, '')),
      sdl,
    }
    expect(() => world(supergraph)).toThrow(PolicyError)
    expect(() => world(supergraph)).toThrow(/for SECURITY, which this gateway cannot enforce/)
  })
})

describe('several subgraphs (R6)', () => {
  it('adds the requirements of a shared field up', async () => {
    const supergraph = makeSupergraph([
      {
        name: 'a',
        typeDefs:
          'type Query { x: Int @shareable @requiresScopes(scopes: [["a"], ["all"]]) open: Int @shareable }',
      },
      {
        name: 'b',
        typeDefs:
          'type Query { x: Int @shareable @requiresScopes(scopes: [["b"], ["all"]]) open: Int @shareable }',
      },
    ])
    const shop = world(supergraph)
    expect((await shop.run('{ open x }', user('a'))).denied).toEqual(['x [Query]'])
    expect((await shop.run('{ open x }', user('a', 'b'))).denied).toEqual([])
    expect((await shop.run('{ open x }', user('all'))).denied).toEqual([])
  })
})
