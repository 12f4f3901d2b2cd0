import { createHash } from 'node:crypto'
import { buildSchema, Kind, parse, type GraphQLSchema } from 'graphql'
import { createResponseCache } from '../../../src/cache/index.js'
import { cacheOptions } from '../../../src/cache/options.js'
import { Answer, type AnswerBody } from '../../../src/kernel/answer.js'
import type { Charged, Shaped } from '../../../src/kernel/contexts.js'
import { Deadline } from '../../../src/kernel/deadline.js'
import type { CachePolicy } from '../../../src/kernel/decisions.js'
import type { FetchOutcome } from '../../../src/kernel/fetch-outcome.js'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import type { KeyValueStore } from '../../../src/kernel/ports/key-value-store.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import type { Principal } from '../../../src/kernel/principal.js'
import type { RememberedAnswer, ResponseCache } from '../../../src/kernel/response-cache.js'
import { ResponseHead } from '../../../src/kernel/response-head.js'

export const DIRECTIVES = `
  enum CacheControlScope { PUBLIC PRIVATE }
  directive @link(url: String!, as: String, import: [JSON], for: Purpose) repeatable on SCHEMA
  enum Purpose { SECURITY EXECUTION }
  scalar JSON
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
  directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
`

export const schema = buildSchema(`
  ${DIRECTIVES}
  type Product @cacheControl(maxAge: 60) { id: ID! name: String! stock: Int @cacheControl(maxAge: 5) seller: Seller }
  type Seller { id: ID! name: String! }
  type User @cacheControl(maxAge: 30, scope: PRIVATE) { id: ID! name: String! }
  type Query {
    product(id: ID, filter: JSON): Product
    me: User
    version: String
    clock: String @cacheControl(maxAge: 100)
  }
  type Mutation { touch: Product }
`)

export const user = (name: string, more: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  key: `user:${more.tenant ?? 'acme'}:${name}`,
  userId: name,
  tenant: 'acme',
  plan: 'free',
  scopes: new Set(),
  scopeKey: '',
  roles: [],
  ...more,
})

export const anonymous: Principal = {
  kind: 'anonymous',
  key: 'anonymous:127.0.0.1',
  tenant: 'acme',
  plan: 'free',
  scopes: new Set(),
  scopeKey: '',
  roles: [],
}

export function toRecord(source: string): OperationRecord {
  const document = parse(source)
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
  if (operation === undefined) throw new Error('no operation')
  const hash = createHash('sha256').update(source).digest('hex')
  return { hash, name: operation.name?.value, type: operation.operation, document, operation, source }
}

const records = new Map<string, OperationRecord>()

/** One record per text, as the documents room gives. */
function recordOf(source: string): OperationRecord {
  const record = records.get(source) ?? toRecord(source)
  records.set(source, record)
  return record
}

export function charged(
  query: string,
  principal: Principal = anonymous,
  more: Partial<Charged> = {},
): Charged {
  const operation = recordOf(query)
  return {
    requestId: 'request-1',
    credentials: {},
    client: { address: '127.0.0.1' },
    deadline: new Deadline(10_000),
    responseHead: new ResponseHead(),
    frontEnd: 'graphql',
    request: { readOnly: false, query },
    principal,
    admission: { limit: 1, remaining: 1, resetSeconds: 1 },
    operation,
    variables: {},
    denials: [],
    permitted: operation,
    charge: { countedFields: 0 },
    ...more,
  }
}

export function shaped(context: Charged, body: AnswerBody, outcome: Partial<FetchOutcome> = {}): Shaped {
  return {
    ...context,
    plan: { node: undefined },
    planVariables: context.variables,
    outcome: { data: {}, errors: [], cachePolicy: undefined, ...outcome },
    answer: Answer.fromBody(body),
  }
}

/** A cache over a map, with a clock that the test moves, driven the way the line drives it. */
export class CacheBench {
  readonly entries = new Map<string, { bytes: Buffer; ttlSeconds: number }>()
  nowMs = 1_000_000
  readonly cache: ResponseCache

  constructor(
    options: object = {},
    graph: GraphQLSchema = schema,
    more: { store?: KeyValueStore; id?: string } = {},
  ) {
    this.cache = createResponseCache(cacheOptions.parse(options), {
      store: more.store ?? this.store,
      supergraphSchema: graph,
      supergraphId: more.id ?? 'graph-1',
      clock: { now: () => this.nowMs },
      logger: SILENT_LOGGER,
      metrics: NO_METRICS,
    })
  }

  get store(): KeyValueStore {
    return {
      get: (key) => this.entries.get(key)?.bytes,
      set: (key, bytes, ttlSeconds) => void this.entries.set(key, { bytes, ttlSeconds }),
    }
  }

  /** One request: answered from the cache, or with `body`, which is then offered to the cache. */
  ask(context: Charged, body: AnswerBody, outcome?: { cachePolicy?: CachePolicy }): string {
    const remembered = this.cache.read(context) as RememberedAnswer | undefined
    if (remembered !== undefined) return remembered.answer.text
    this.cache.write(shaped(context, body, outcome))
    return JSON.stringify(body)
  }
}

export const statusOf = (context: Charged): string | undefined => context.responseHead.get('x-cache')
export const controlOf = (context: Charged): string | undefined => context.responseHead.get('cache-control')
