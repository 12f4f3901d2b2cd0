import { buildSchema } from 'graphql'
import { createDocuments, type Documents } from '../../../src/documents/index.js'
import { documentsOptions } from '../../../src/documents/options.js'
import type { Admitted, Resolved } from '../../../src/kernel/contexts.js'
import { Deadline } from '../../../src/kernel/deadline.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { OperationRequest } from '../../../src/kernel/operation.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { ResponseHead } from '../../../src/kernel/response-head.js'
import { isPromise } from '../../../src/kernel/stage.js'

export const apiSchema = buildSchema(`
  scalar JSON
  enum Color { RED GREEN }
  input Filter { text: String, color: Color = RED, and: [Filter!], tags: [String!] }
  interface Node { id: ID! }
  type User implements Node { id: ID! name: String! friend: User friends(first: Int = 10): [User!]! }
  type Product implements Node { id: ID! title: String! related: [Product!]! }
  type Query {
    me: User
    user(id: ID!): User
    node(id: ID!): Node
    search(filter: Filter, first: Int = 10): [Product!]!
    echo(value: JSON): JSON
    version: String
  }
  type Mutation { rename(name: String!): User }
  type Subscription { renamed: User }
`)

export function createFixture(options: object = {}, production = false): Documents {
  return createDocuments(documentsOptions.parse(options), { apiSchema, logger: SILENT_LOGGER, production })
}

export function toAdmitted(request: Partial<OperationRequest>, more: Partial<Admitted> = {}): Admitted {
  return {
    requestId: 'request-1',
    credentials: {},
    client: { address: '127.0.0.1' },
    deadline: new Deadline(10_000),
    responseHead: new ResponseHead(),
    frontEnd: 'graphql',
    request: { readOnly: false, ...request },
    principal: {
      kind: 'anonymous',
      key: 'anonymous:127.0.0.1',
      tenant: 'acme',
      plan: 'free',
      scopes: new Set(),
      scopeKey: '',
      roles: [],
    },
    admission: { limit: 1, remaining: 1, resetSeconds: 1 },
    ...more,
  }
}

/** Runs the stage, which must answer without a promise. */
export function resolve(documents: Documents, request: string | Partial<OperationRequest>): Resolved {
  const result = documents.stage.run(toAdmitted(typeof request === 'string' ? { query: request } : request))
  if (isPromise(result)) throw new Error('the stage answered with a promise')
  return result
}

/** The refusal that `act` ends in; fails when it ends otherwise. */
export function refusalOf(act: () => unknown): GatewayError {
  try {
    act()
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

export function repeat(count: number, toText: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => toText(index)).join(' ')
}
