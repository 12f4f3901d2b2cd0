/** Four subgraphs over one set of data, and the same data behind one schema: what federation must not change. */
import { buildSubgraphSchema } from '@apollo/subgraph'
import { execute, parse, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql'
import type { Json, JsonObject } from '../../../src/kernel/json.js'
import type { CallSubgraph, SubgraphReply } from '../../../src/kernel/upstream-call.js'
import { FEDERATION_LINK } from '../../support/make-supergraph.js'

type Row = Record<string, unknown>

const users: Row[] = [1, 2, 3].map((n) => ({
  __typename: 'User',
  id: `u-${n}`,
  name: `User ${n}`,
  email: n === 2 ? null : `${n}@example.com`,
}))
const products: Row[] = [1, 2, 3, 4].map((n) => ({
  __typename: 'Product',
  upc: `p-${n}`,
  name: `Product ${n}`,
  price: n === 3 ? null : n * 10,
  weight: n * 100,
  size: { __typename: 'Size', width: n, unit: 'cm' },
  inStock: n !== 2,
}))
const media: Row[] = [
  { __typename: 'Book', id: 'm-1', title: 'Book 1', pages: 100, rating: 4.5 },
  { __typename: 'Film', id: 'm-2', title: 'Film 2', minutes: 90, rating: null },
  { __typename: 'Book', id: 'm-3', title: null, pages: null, rating: 3 },
]
const reviews: Row[] = [1, 2, 3, 4, 5].map((n) => ({
  __typename: 'Review',
  id: `r-${n}`,
  body: `Review ${n}`,
  author: users[n % 3],
  product: products[n % 4],
  subject: [products, media, users].flat()[n],
}))
for (const row of users) {
  row['reviews'] = reviews.filter(({ author }) => author === row)
  row['favourites'] = [[products[0], media[0]], null, [media[1]]]
}
for (const row of products) {
  row['reviews'] = reviews.filter(({ product }) => product === row)
  row['related'] = products.filter((other) => other !== row).slice(0, 2)
  row['shipping'] = shippingOf(row['price'], row['weight'], row['size'])
}

function shippingOf(price: unknown, weight: unknown, size: unknown): string {
  return `${JSON.stringify(price)}/${JSON.stringify(weight)}/${JSON.stringify((size as Row)['width'])}`
}

const root: Row = {
  me: users[0],
  users,
  topProducts: products,
  product: products[2],
  media,
  medium: media[1],
  lastReview: reviews[4],
  noProduct: null,
  found: [products[1], media[2], users[2], null],
}

interface LocalSubgraph {
  readonly name: string
  readonly typeDefs: string
  /** Computes fields from what a representation brought, where the data alone would prove nothing. */
  readonly compute?: Readonly<Record<string, (source: Row) => unknown>>
}

export const SUBGRAPHS: readonly LocalSubgraph[] = [
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
    compute: { 'Product.shipping': ({ price, weight, size }) => shippingOf(price, weight, size) },
  },
  {
    name: 'ratings',
    typeDefs: `type Media @key(fields: "id") @interfaceObject { id: ID! rating: Float }`,
  },
]

/** What a monolith would answer. */
export async function answerAsMonolith(schema: GraphQLSchema, query: string, variableValues: JsonObject) {
  const typeResolver = (row: unknown) => String((row as Row)['__typename'])
  return execute({ schema, document: parse(query), rootValue: root, variableValues, typeResolver })
}

/** Calls subgraphs in process. */
export function createLocalCall(): CallSubgraph {
  const schemas = new Map(SUBGRAPHS.map((subgraph) => [subgraph.name, localSchema(subgraph)]))
  return async ({ subgraph, body }) => {
    const schema = schemas.get(subgraph)
    if (!schema) throw new Error(`No subgraph ${subgraph}`)
    const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: JsonObject }
    const result = await execute({
      schema,
      document: parse(query),
      rootValue: root,
      variableValues: variables,
      fieldResolver: resolverOf(SUBGRAPHS.find(({ name }) => name === subgraph)?.compute ?? {}),
      typeResolver: (row) => String((row as Row)['__typename']),
    })
    return toReply(result.data, result.errors)
  }
}

function toReply(data: unknown, errors: readonly { message: string; path?: unknown }[] = []): SubgraphReply {
  const text = JSON.stringify({ data, errors: errors.map(({ message, path }) => ({ message, path })) })
  return { ...(JSON.parse(text) as Omit<SubgraphReply, 'text'>), text }
}

function localSchema({ typeDefs }: LocalSubgraph): GraphQLSchema {
  const types = [...typeDefs.matchAll(/(?:type|interface) (\w+)[^{]*@key/g)].map((match) => String(match[1]))
  const resolvers = Object.fromEntries(types.map((type) => [type, { __resolveReference: resolveReference }]))
  return buildSubgraphSchema({ typeDefs: parse(FEDERATION_LINK + typeDefs), resolvers })
}

/** Only what the representation says is known of fields that another subgraph owns. */
function resolveReference(reference: Row): Row | null {
  const rows = [...users, ...products, ...media, ...reviews]
  const key = reference['upc'] === undefined ? 'id' : 'upc'
  const row = rows.find((candidate) => candidate[key] === reference[key])
  if (!row) return null
  const { price, weight, size } = reference
  return {
    ...row,
    __typename: reference['__typename'],
    reference: { price, weight, size } as unknown as Json,
  }
}

function resolverOf(
  compute: Readonly<Record<string, (source: Row) => unknown>>,
): GraphQLFieldResolver<Row, unknown> {
  return (source, _args, _context, info) => {
    const computed = compute[`${info.parentType.name}.${info.fieldName}`]
    return computed ? computed(source['reference'] as Row) : source[info.fieldName]
  }
}
