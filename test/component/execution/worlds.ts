/** The graphs over which random operations are compared: what their subgraphs declare, data being generated. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSupergraph } from '../../../src/federation/index.js'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import { makeSupergraph, type TestSubgraph } from '../../support/make-supergraph.js'

export interface World {
  readonly name: string
  readonly subgraphs: readonly TestSubgraph[]
  readonly supergraph: Supergraph
}

/** A shop: two keys, a requirement of three fields, a union over subgraphs, an interface object. */
const shop: readonly TestSubgraph[] = [
  {
    name: 'accounts',
    typeDefs: `
      type User @key(fields: "id") { id: ID! name: String! email: String }
      type Query { me: User users: [User!]! }
    `,
  },
  {
    name: 'products',
    typeDefs: `
      type Product @key(fields: "upc") { upc: ID! name: String! price: Int weight: Int! size: Size! related: [Product!]! }
      type Size { width: Int! unit: String! }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
      type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int! }
      type Query { topProducts: [Product!]! product: Product noProduct: Product media: [Media!]! medium: Media }
    `,
  },
  {
    name: 'reviews',
    typeDefs: `
      type Review @key(fields: "id") { id: ID! body: String! author: User! product: Product! subject: Subject }
      union Subject = User | Product | Book | Film
      type User @key(fields: "id") { id: ID! reviews: [Review!]! favourites: [[Subject]] }
      type Product @key(fields: "upc") { upc: ID! reviews: [Review!]! }
      type Book @key(fields: "id") { id: ID! }
      type Film @key(fields: "id") { id: ID! }
      type Query { lastReview: Review found: [Subject] }
    `,
  },
  {
    name: 'inventory',
    typeDefs: `
      type Product @key(fields: "upc") {
        upc: ID! price: Int @external weight: Int! @external size: Size! @external
        inStock: Boolean! shipping: String @requires(fields: "price weight size { width }")
      }
      type Size @external { width: Int! }
    `,
  },
  {
    name: 'ratings',
    typeDefs: `type Media @key(fields: "id") @interfaceObject { id: ID! rating: Float }`,
  },
]

/** Everything at once: arguments, input objects, interfaces of interfaces, composite keys, overrides, requirements. */
const magazine: readonly TestSubgraph[] = [
  {
    name: 'people',
    typeDefs: `
      enum Kind { A B HIDDEN @inaccessible }
      input Filter { text: String = "t" kinds: [Kind!] not: Filter limit: Int! = 5 }
      scalar Json
      interface Node { id: ID! }
      interface Actor implements Node { id: ID! name: String kind: Kind! boss: Actor }
      type User implements Node & Actor @key(fields: "id") {
        id: ID! name: String kind: Kind! boss: Actor address: Address
        email(domain: String = "x"): String
        friends(first: Int! = 2): [User!]!
        shared: Shared @shareable
      }
      type Bot implements Node & Actor @key(fields: "id") @key(fields: "serial") {
        id: ID! serial: String! name: String kind: Kind! boss: Actor data(of: Json): Json
      }
      type Address { street: String! lines: [[String!]!] city: City! }
      type City @key(fields: "zip country { code }") { zip: ID! country: Country! name: String }
      type Country @shareable { code: ID! }
      type Shared @shareable { a: Int b: [Float!] }
      union Result = User | Bot | City
      type Query {
        me: User! user(id: ID, filter: Filter = { limit: 1 }): User
        search(text: String! = "x", kinds: [Kind!], filters: [Filter]): [Result!]
        everyone: [[Actor]!] grid(of: [[Int!]]): [[[Int!]]!]
      }
      type Mutation { rename(id: ID!, name: String, filter: Filter): User touch: [Result] }
    `,
  },
  {
    name: 'content',
    typeDefs: `
      scalar Json
      interface Node { id: ID! }
      interface Actor { id: ID! }
      interface Content implements Node @key(fields: "id") { id: ID! title(upper: Boolean = false): String! author: Actor tags: [Tag!] }
      type Article implements Node & Content @key(fields: "id") {
        id: ID! title(upper: Boolean = false): String! author: Actor tags: [Tag!] words: Int! related: [Content]! body: Body
      }
      type Video implements Node & Content @key(fields: "id") {
        id: ID! title(upper: Boolean = false): String! author: Actor tags: [Tag!] seconds: Float body: Body!
        owner: User @provides(fields: "karma")
      }
      type Body { text: String! meta: Json parts: [Part!]! }
      union Part = Body | Article | Tag
      type Tag @key(fields: "label") { label: String! }
      type User implements Actor @key(fields: "id") { id: ID! karma: Float! @external posts(first: Int, after: String): [Content!] favourite: Favourite }
      type Bot implements Actor @key(fields: "id") { id: ID! wrote: [Content] }
      union Favourite = Article | User
      type Query { articles(where: Where): [Article!]! latest: Content contents: [[Content!]] }
      input Where { title: String or: [Where!] = [] kinds: [[Int]] }
      type Mutation { publish(title: String! = "new"): Article! }
    `,
  },
  {
    name: 'stats',
    typeDefs: `
      enum Kind { A B HIDDEN @inaccessible }
      type Content @interfaceObject @key(fields: "id") {
        id: ID! views(by: Kind): Int! trend: [Int]
        tags: [Tag!] @external
        summary: String @requires(fields: "tags { label }")
      }
      type Tag @key(fields: "label") { label: String! uses: Int }
      type User @key(fields: "id") {
        id: ID! karma: Float! @shareable
        address: Address @external
        badge: String @requires(fields: "address { street city { name } }")
        medal: Medal! @requires(fields: "address { city { zip } }")
        shared: Shared @shareable
      }
      type Address @external { street: String! city: City! }
      type City @key(fields: "zip country { code }") { zip: ID! country: Country! name: String @external }
      type Country @shareable { code: ID! }
      type Medal { metal: String since(era: Int = 3): Int! by: Giver }
      union Giver = User | City
      type Shared @shareable { a: Int b: [Float!] }
      type Query { ranks: [User]! tags(labels: [String!]! = ["a", "b"]): [Tag] }
    `,
  },
  {
    name: 'places',
    typeDefs: `
      type City @key(fields: "zip country { code }") { zip: ID! country: Country! mayor: User population: Int! twins: [City] fans: [Fan!] }
      type Country @shareable { code: ID! }
      union Fan = User | Bot | Article
      type User @key(fields: "id") { id: ID! home: City! name: String @override(from: "people") }
      type Bot @key(fields: "serial") { serial: String! depot: City }
      type Article @key(fields: "id") { id: ID! scene: City }
      type Query { city(zip: ID, near: Point = { x: 1 }): City }
      input Point { x: Float! y: Float = 0.5 }
    `,
  },
]

function made(name: string, subgraphs: readonly TestSubgraph[]): World {
  return { name, subgraphs, supergraph: readSupergraph(makeSupergraph(subgraphs).sdl) }
}

const ROOT = join(import.meta.dirname, '../../..')

/** The reference graph as it is served; its policy plays no role below the line. */
function reference(): World {
  const subgraphs = ['user', 'order', 'product'].map((name) => ({
    name,
    typeDefs: readFileSync(join(ROOT, 'subgraphs', name, 'schema.graphql'), 'utf8'),
  }))
  const sdl = readFileSync(join(ROOT, 'schema/supergraph.graphql'), 'utf8')
  return { name: 'the reference graph', subgraphs, supergraph: readSupergraph(sdl) }
}

export const WORLDS: readonly World[] = [made('a shop', shop), made('a magazine', magazine), reference()]
