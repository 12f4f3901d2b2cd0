import { createHash } from 'node:crypto'
import { Kind, parse, type OperationDefinitionNode } from 'graphql'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import { federationOptions, type FederationOptions } from '../../../src/federation/options.js'
import { makeSupergraph } from '../../support/make-supergraph.js'

/** A shop whose reviews need a fact of the catalogue, through lists and a union. */
export const shop = makeSupergraph([
  {
    name: 'catalogue',
    typeDefs: `
      union Item = Book | Film
      type Book @key(fields: "id") { id: ID!  title: String!  pages: Int!  maker: Maker! }
      type Film @key(fields: "id") { id: ID!  title: String!  minutes: Int! }
      type Maker @key(fields: "id") { id: ID!  name: String! }
      type Query { book(id: ID): Book  books: [Book!]!  shelves: [[Book!]!]!  items: [Item!]! }
      type Mutation { addBook(title: String!): Book! }
    `,
  },
  {
    name: 'Review-Service',
    typeDefs: `
      type Book @key(fields: "id") {
        id: ID!
        pages: Int! @external
        stars(of: Int): Int
        effort: Int @requires(fields: "pages")
      }
      type Film @key(fields: "id") { id: ID!  stars(of: Int): Int }
      type Query { latest: [Book!]! }
      type Mutation { rate(id: ID!, stars: Int!): Book! }
      type Subscription { rated: Book! }
    `,
  },
])

/** An interface that another subgraph extends as if it were an object. */
export const media = makeSupergraph([
  {
    name: 'library',
    typeDefs: `
      interface Media @key(fields: "id") { id: ID!  title: String }
      type Book implements Media @key(fields: "id") { id: ID!  title: String  pages: Int }
      type Film implements Media @key(fields: "id") { id: ID!  title: String  minutes: Int }
      type Query { media: [Media!]! }
    `,
  },
  {
    name: 'scores',
    typeDefs: `
      type Media @interfaceObject @key(fields: "id") { id: ID!  score: Int }
      type Query { top: [Media!]! }
    `,
  },
])

/** Two entities that need fields of one name but not of one type, so that planners must rename. */
export const clash = makeSupergraph([
  {
    name: 'facts',
    typeDefs: `
      union Thing = One | Two
      type One @key(fields: "id") { id: ID!  fact: String! }
      type Two @key(fields: "id") { id: ID!  fact: Int }
      type Query { things: [Thing!]! }
    `,
  },
  {
    name: 'notes',
    typeDefs: `
      type One @key(fields: "id") { id: ID!  fact: String! @external  note: String @requires(fields: "fact") }
      type Two @key(fields: "id") { id: ID!  fact: Int @external  remark: Int @requires(fields: "fact") }
    `,
  },
])

/** An entity met two levels below itself; the native planner gives up on it. */
export const nested = makeSupergraph([
  {
    name: 'a',
    typeDefs: `
      type Node @key(fields: "id") { id: ID!  size: Int! }
      type Query { node: Node }
    `,
  },
  {
    name: 'b',
    typeDefs: `
      type Node @key(fields: "id") {
        id: ID!
        size: Int! @external
        weight: Int @requires(fields: "size")
        next: Node!
      }
    `,
  },
])

export function makeRecord(source: string, name?: string): OperationRecord {
  const document = parse(source)
  const operation = document.definitions.find(
    (node): node is OperationDefinitionNode =>
      node.kind === Kind.OPERATION_DEFINITION && (name === undefined || node.name?.value === name),
  )
  if (operation === undefined) throw new Error('The test names no operation.')
  return {
    hash: createHash('sha256')
      .update(`${name ?? ''}\n${source}`)
      .digest('hex'),
    name: operation.name?.value,
    type: operation.operation,
    document,
    operation,
    source,
  }
}

/** The options as they come out of configuration, with some changed. */
export function makeOptions(changes: Record<string, unknown> = {}): FederationOptions {
  return federationOptions.parse(changes)
}
