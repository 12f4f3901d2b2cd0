/** The subgraphs of the public gateways benchmark (accounts, inventory, products, reviews), written anew. */

/** Fields that nobody selects, so that a policy with many rules has something to stand on. */
export const PREFERENCE_COUNT = 36
const preferences = Array.from(
  { length: PREFERENCE_COUNT },
  (_, index) => `  option${index + 1}: Boolean`,
).join('\n')

export const SUBGRAPHS = {
  accounts: `
type Query {
  me: User
  user(id: ID!): User
  users: [User]
}
type User @key(fields: "id") {
  id: ID!
  name: String
  username: String
  birthday: Int
  preferences: Preferences
}
type Preferences {
${preferences}
}`,
  products: `
type Query {
  topProducts(first: Int = 5): [Product]
}
type Product @key(fields: "upc") {
  upc: String!
  name: String
  price: Int
  weight: Int
}`,
  inventory: `
type Product @key(fields: "upc") {
  upc: String!
  price: Int @external
  weight: Int @external
  inStock: Boolean
  shippingEstimate: Int @requires(fields: "price weight")
}`,
  reviews: `
type Review @key(fields: "id") {
  id: ID!
  body: String
  author: User @provides(fields: "username")
  product: Product
}
type User @key(fields: "id") {
  id: ID!
  username: String @external
  numberOfReviews: Int
  reviews: [Review]
}
type Product @key(fields: "upc") {
  upc: String!
  reviews: [Review]
}`,
}

const FEDERATION_2 = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@requires", "@provides", "@external", "@shareable", "@authenticated", "@requiresScopes"])\n`

/** As Federation 2 reads it. */
export function federation2(name) {
  // What reviews provides must be shareable where it is owned; Federation 1 did not know that word.
  return (
    FEDERATION_2 +
    SUBGRAPHS[name].replace('username: String\n  birthday', 'username: String @shareable\n  birthday')
  )
}

/** As a gateway for Federation 1 reads it: whoever does not own a type extends it, with an external key. */
export function federation1(name) {
  const owned = { accounts: ['User'], products: ['Product'], inventory: [], reviews: ['Review'] }[name]
  const extended = ['User', 'Product'].filter((type) => !owned.includes(type))
  return extended.reduce(
    (sdl, type) =>
      sdl.replace(
        new RegExp(`type ${type} @key\\(fields: "(\\w+)"\\) \\{\\n(  \\1: \\w+!)`),
        `extend type ${type} @key(fields: "$1") {\n$2 @external`,
      ),
    SUBGRAPHS[name].replace('type Query', 'extend type Query'),
  )
}

/** The same graph with directives of access on fields that every operation selects. */
export function guarded(name) {
  return federation2(name)
    .replace(
      '  name: String\n  username',
      '  name: String @requiresScopes(scopes: [["profile"]])\n  username',
    )
    .replace(
      '  price: Int\n  weight: Int\n',
      '  price: Int @requiresScopes(scopes: [["prices"]])\n  weight: Int\n',
    )
    .replace('"price weight")', '"price weight") @requiresScopes(scopes: [["prices"]])')
    .replace('  inStock: Boolean', '  inStock: Boolean @authenticated')
    .replace('  body: String', '  body: String @authenticated')
}

const DIRECTIVES = `
directive @key(fields: String!) repeatable on OBJECT
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
directive @external on FIELD_DEFINITION
`

/** As the subgraph itself executes it. */
export function executable(name) {
  const sdl = SUBGRAPHS[name]
  const entities = [...sdl.matchAll(/type (\w+) @key/g)].map(([, type]) => type)
  const root = 'type Query {\n  _entities(representations: [_Any!]!): [_Entity]!\n  _service: _Service!\n'
  const withRoot = sdl.includes('type Query {') ? sdl.replace('type Query {', root) : `${root}}\n${sdl}`
  return `${DIRECTIVES}scalar _Any\nunion _Entity = ${entities.join(' | ')}\ntype _Service { sdl: String }\n${withRoot}`
}

/** The whole graph as one plain schema: what the oracle executes. */
export const MONOLITH = `
type Query {
  me: User
  user(id: ID!): User
  users: [User]
  topProducts(first: Int = 5): [Product]
}
type User {
  id: ID!
  name: String
  username: String
  birthday: Int
  numberOfReviews: Int
  reviews: [Review]
}
type Product {
  upc: String!
  name: String
  price: Int
  weight: Int
  inStock: Boolean
  shippingEstimate: Int
  reviews: [Review]
}
type Review {
  id: ID!
  body: String
  author: User
  product: Product
}`
