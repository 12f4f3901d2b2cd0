import { describe, expect, it } from '@jest/globals'
import { rule } from 'graphql-shield'
import { toSupergraph } from '../../support/make-supergraph.js'
import { user, world } from './world.js'

const ANIMALS = world(`
  type Query { open: String pet: Pet pets: [Pet!] thing: Thing farm: Farm }
  interface Pet { id: ID! name: String friend: Pet }
  type Cat implements Pet { id: ID! name: String @requiresScopes(scopes: [["cat"]]) friend: Pet lives: Int }
  type Dog implements Pet { id: ID! name: String friend: Pet tricks: Int @authenticated }
  type Vault implements Pet @requiresScopes(scopes: [["vault"]]) { id: ID! name: String friend: Pet code: String }
  union Thing = Dog | Vault | Stone
  type Stone { weight: Int }
  type Farm { pet: Pet }
`)

describe('interfaces (R3)', () => {
  it.each([
    [
      'refuses on an interface what one implementation refuses',
      '{ pet { name } open }',
      ['pet.name [Cat Dog Vault]'],
      '{ pet { __typename } open }',
    ],
    [
      'counts the requirement of an implementing type for each of its fields',
      '{ pet { id } open }',
      ['pet.id [Cat Dog Vault]'],
      '{ pet { __typename } open }',
    ],
    [
      'filters fragments on implementations by their own types',
      '{ pet { ... on Cat { id name } ... on Dog { id name tricks } } }',
      ['pet.name [Cat]', 'pet.tricks [Dog]'],
      '{ pet { ... on Cat { id } ... on Dog { id name } __typename } }',
    ],
    [
      'treats a fragment on the interface as the interface',
      '{ pet { ...P } } fragment P on Pet { name }',
      ['pet.name [Cat Dog Vault]'],
      '{ pet { __typename } }',
    ],
    [
      'covers a concrete selection that shares its key with a refused interface selection',
      '{ pet { name ... on Dog { name } } }',
      ['pet.name [Cat Dog Vault]'],
      '{ pet { __typename } }',
    ],
    [
      'keeps a key under the type where another field has it',
      '{ pet { ... on Cat { a: name } ... on Dog { a: name } } }',
      ['pet.a [Cat]'],
      '{ pet { ... on Dog { a: name } __typename } }',
    ],
    [
      'allows a bare __typename',
      '{ pet { __typename ... on Cat { lives } } }',
      [],
      '{ pet { __typename ... on Cat { lives } } }',
    ],
  ])('%s', async (_what, source, denied, permitted) => {
    expect(await ANIMALS.run(source)).toMatchObject({ denied, permitted })
  })

  it('allows the interface to whoever meets all of it', async () => {
    expect((await ANIMALS.run('{ pet { name } }', user('cat', 'vault'))).denied).toEqual([])
    expect((await ANIMALS.run('{ pet { name } }', user('cat'))).denied).toEqual(['pet.name [Cat Dog Vault]'])
  })

  it('does the work of each type once, however deep interfaces are nested', async () => {
    let asked = 0
    const watch = rule('watch')(() => {
      asked += 1
      return true
    })
    const animals = world(ANIMALS.supergraph, { permissions: { Cat: { lives: watch } } })
    const depth = 30
    const source = `{ pet { ${'friend { '.repeat(depth)} ... on Cat { lives } ${'}'.repeat(depth)} } }`
    expect((await animals.run(source, user('cat', 'vault'))).denied).toEqual([])
    expect(asked).toBe(1)
  })
})

describe('unions (R8)', () => {
  it.each([
    ['allows a bare __typename', '{ thing { __typename } }', [], '{ thing { __typename } }'],
    [
      'judges each member by its own type',
      '{ thing { __typename ... on Vault { code } ... on Stone { weight } } }',
      ['thing.code [Vault]'],
      '{ thing { __typename ... on Stone { weight } } }',
    ],
    [
      'refuses __typename as the only field of a protected member',
      '{ thing { ... on Vault { __typename } ... on Stone { weight } } }',
      ['thing.__typename [Vault]'],
      '{ thing { ... on Stone { weight } __typename } }',
    ],
    [
      'sees through the interface of a member',
      '{ thing { ... on Pet { name } ... on Stone { weight } } }',
      ['thing.name [Dog Vault]'],
      '{ thing { ... on Stone { weight } __typename } }',
    ],
  ])('%s', async (_what, source, denied, permitted) => {
    expect(await ANIMALS.run(source)).toMatchObject({ denied, permitted })
  })

  it('gives the protected member to whoever may see it', async () => {
    const source = '{ thing { ... on Vault { __typename code } } }'
    expect((await ANIMALS.run(source, user('vault'))).denied).toEqual([])
  })

  it('does not judge a __typename that is skipped', async () => {
    const source =
      'query ($no: Boolean!) { thing { ... on Vault { __typename @skip(if: $no) } ... on Stone { weight } } }'
    expect((await ANIMALS.run(source, undefined, { no: true })).denied).toEqual([])
    expect((await ANIMALS.run(source, undefined, { no: false })).denied).toEqual(['thing.__typename [Vault]'])
  })
})

describe('requirements that an older composer left on interfaces (R4)', () => {
  const OLD = toSupergraph(`
    schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
      @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
      @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)
    { query: Query }
    directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
    directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
    directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
    directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
    directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
    directive @join__graph(name: String!, url: String!) on ENUM_VALUE
    enum join__Graph { A @join__graph(name: "a", url: "http://a") }
    scalar join__FieldSet
    scalar link__Import
    enum link__Purpose { SECURITY EXECUTION }
    scalar requiresScopes__Scope
    interface Post @join__type(graph: A) { id: ID title: String @requiresScopes(scopes: [["title"]]) }
    type Blog implements Post @join__type(graph: A) @join__implements(graph: A, interface: "Post") { id: ID title: String }
    type Note implements Post @join__type(graph: A) @join__implements(graph: A, interface: "Post") { id: ID title: String @authenticated }
    interface Safe @authenticated @join__type(graph: A) { id: ID }
    type Box implements Safe @join__type(graph: A) @join__implements(graph: A, interface: "Safe") { id: ID }
    type Query @join__type(graph: A) { post: Post blog: Blog box: Box safe: Safe open: String }
  `)
  const posts = world(OLD)

  it('hands them down to fragments on implementations', async () => {
    const source = '{ post { ... on Blog { id title } ... on Note { title } } }'
    expect((await posts.run(source)).denied).toEqual(['post.title [Blog Note]'])
    expect((await posts.run(source, user())).denied).toEqual(['post.title [Blog Note]'])
    expect((await posts.run(source, user('title'))).denied).toEqual([])
  })

  it('hands them down to fields that return the implementation', async () => {
    expect((await posts.run('{ blog { title id } }')).denied).toEqual(['blog.title [Blog]'])
    expect((await posts.run('{ open box { id } safe { id } }')).denied).toEqual([
      'box [Query]',
      'safe [Query]',
    ])
  })
})
