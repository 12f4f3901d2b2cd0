import { describe, expect, it } from '@jest/globals'
import federation from '@apollo/federation-internals'
import { createHash } from 'node:crypto'
import { lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql'
import { readSupergraph, toGatewaySdl } from '../../../src/federation/index.js'
import { makeSupergraph, RATE_LIMIT_LINK, FEDERATION_LINK } from '../../support/make-supergraph.js'
import { clash, media, nested, shop } from './graphs.js'

const guarded = makeSupergraph([
  {
    name: 'a',
    typeDefs: `${FEDERATION_LINK}${RATE_LIMIT_LINK}
      directive @track(by: String) on FIELD
      enum Colour { RED  GREEN @inaccessible }
      input Filter { text: String  secret: String @inaccessible }
      interface Named { name: String }
      interface Hidden @inaccessible { name: String }
      type Ghost implements Hidden @inaccessible { name: String }
      union Any = User | Ghost
      "Who uses it."
      type User implements Named & Hidden @key(fields: "id") @authenticated {
        id: ID!
        name: String @tag(name: "public") @deprecated(reason: "old")
        ghost: Ghost @inaccessible
        colour(shade: Int @inaccessible, dark: Boolean): Colour
        mail: String @requiresScopes(scopes: [["mail"]])
        plan: String @policy(policies: [["owner"]])
      }
      type Query { users(filter: Filter): [User] @rateLimit(limit: 1, duration: 2)  any: Any }
    `,
  },
  { name: 'b', typeDefs: 'type User @key(fields: "id") { id: ID!  age: Int }' },
])

function print(schema: GraphQLSchema): string {
  return printSchema(lexicographicSortSchema(schema))
}

describe('reading a supergraph', () => {
  it('names it by its hash and lists its subgraphs as they were composed', () => {
    const supergraph = readSupergraph(shop.sdl)
    expect(supergraph.id).toBe(createHash('sha256').update(shop.sdl).digest('hex'))
    expect(supergraph.subgraphs).toEqual([
      { name: 'Review-Service', url: 'http://Review-Service.invalid/graphql' },
      { name: 'catalogue', url: 'http://catalogue.invalid/graphql' },
    ])
    expect(supergraph.schema.getType('join__Graph')).toBeDefined()
  })

  it.each([
    ['entities', shop],
    ['an interface object', media],
    ['renamed fields', clash],
    ['nested entities', nested],
    ['hidden and guarded elements', guarded],
  ])("gives clients the same schema as Apollo's libraries: %s", (_, { sdl }) => {
    const graph = federation.Supergraph.build(sdl, { supportedFeatures: null })
    expect(print(readSupergraph(sdl).apiSchema)).toBe(print(graph.apiSchema().toGraphQLJSSchema()))
  })

  it('leaves no policy directive in the API schema', () => {
    const users = readSupergraph(guarded.sdl).apiSchema.getQueryType()?.getFields()['users']
    expect(users?.astNode?.directives).toEqual([])
    expect(print(readSupergraph(guarded.sdl).apiSchema)).not.toMatch(/rateLimit|requiresScopes|GREEN|Ghost/)
  })

  it('refuses security features that nobody enforces', () => {
    const sdl = guarded.sdl.replace('specs.apollo.dev/policy/v0.1', 'example.com/vault/v0.1')
    expect(() => readSupergraph(sdl)).toThrow('https://example.com/vault (for: SECURITY)')
  })

  it.each([', for: SECURITY', ''])(
    'refuses arguments from context, which planners leave out%s',
    (purpose) => {
      const { sdl } = makeSupergraph([
        {
          name: 'shop',
          typeDefs: `
          extend schema @link(
            url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@context", "@fromContext"]
          )
          type Query { user: User! }
          type User @key(fields: "id") @context(name: "user") { id: ID!  currency: String!  cart: Cart! }
          type Cart @key(fields: "id") { id: ID!  total(in: String @fromContext(field: "$user { currency }")): Int! }
        `,
        },
      ])
      const linked = sdl.replace(/(context\/v0.1"), for: SECURITY/, `$1${purpose}`)
      expect(linked).toContain(`context/v0.1"${purpose})`)
      expect(() => readSupergraph(linked)).toThrow('This gateway does not support @context and @fromContext')
    },
  )

  it('refuses a schema that was never composed', () => {
    expect(() => readSupergraph('type Query { a: Int }')).toThrow('This is not a supergraph')
  })

  it('refuses text that is not GraphQL, and references that lead nowhere', () => {
    expect(() => readSupergraph('type Query {')).toThrow('Syntax Error')
    expect(() => readSupergraph(shop.sdl.replace('title: String!', 'title: Nowhere'))).toThrow('Nowhere')
  })

  it('reads a supergraph of Federation 1', () => {
    const { apiSchema, subgraphs } = readSupergraph(FEDERATION_1)
    expect(subgraphs).toEqual([{ name: 'users', url: 'http://users.invalid' }])
    expect(print(apiSchema)).toBe('type Query {\n  me: User\n}\n\ntype User {\n  id: ID!\n}')
  })
})

describe("the copy for Apollo's libraries", () => {
  it('loads where they refuse the full text', () => {
    expect(() => federation.Supergraph.build(guarded.sdl)).toThrow('for: SECURITY but is unsupported')
    expect(() => federation.Supergraph.build(toGatewaySdl(guarded))).not.toThrow()
  })

  it('differs in the three marks only', () => {
    const copy = toGatewaySdl(guarded)
    expect(copy.match(/for: SECURITY/g)).toHaveLength(1) // that of `inaccessible`, which they do enforce
    const removed = 3 * 'for: SECURITY'.length
    expect(guarded.sdl.length - copy.length).toBe(removed)
    expect(print(readSupergraph(copy).schema)).toBe(print(guarded.schema))
  })

  it('keeps the mark of what nobody enforces', () => {
    const sdl = guarded.sdl.replace('specs.apollo.dev/policy/v0.1', 'example.com/vault/v0.1')
    expect(toGatewaySdl({ sdl })).toContain('"https://example.com/vault/v0.1", for: SECURITY')
  })
})

const FEDERATION_1 = `
schema @core(feature: "https://specs.apollo.dev/core/v0.1") @core(feature: "https://specs.apollo.dev/join/v0.1") {
  query: Query
}
directive @core(feature: String!) repeatable on SCHEMA
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet) on FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__owner(graph: join__Graph!) on INTERFACE | OBJECT
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on INTERFACE | OBJECT
scalar join__FieldSet
enum join__Graph { USERS @join__graph(name: "users" url: "http://users.invalid") }
type Query { me: User @join__field(graph: USERS) }
type User @join__owner(graph: USERS) @join__type(graph: USERS, key: "id") { id: ID! @join__field(graph: USERS) }
`
