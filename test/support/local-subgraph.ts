/** Subgraphs that answer in process: what a plan is executed against, without sockets. */
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  execute,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  validate,
  type DocumentNode,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql'
import type { JsonObject } from '../../src/kernel/json.js'
import type { CallSubgraph, SubgraphCall, SubgraphReply } from '../../src/kernel/upstream-call.js'
import { subgraphDocument, type TestSubgraph } from './make-supergraph.js'

/** A row of a test's data. */
export type Row = Record<string, unknown>

/** Finds the entity that a representation names; null where there is none. */
export type ResolveReference = (reference: Row) => Row | null

/** A subgraph with its data, ready to be asked. */
export interface LocalSubgraph {
  readonly schema: GraphQLSchema
  readonly fieldResolver: GraphQLFieldResolver<Row, unknown>
}

/** What a subgraph was asked: for tests that something must or must not be asked. */
export interface LocalRequest {
  readonly subgraph: string
  readonly source: string
  readonly document: DocumentNode
  readonly variables: JsonObject
  /** Why the subgraph refuses the request; empty where it does not. */
  readonly findings: readonly GraphQLError[]
}

/** Builds a subgraph's schema as `@apollo/subgraph` serves it, with `_entities`. */
export function buildLocalSchema(subgraph: TestSubgraph, resolveReference: ResolveReference): GraphQLSchema {
  const schema = buildSubgraphSchema({ typeDefs: subgraphDocument(subgraph) })
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    Object.assign(type.extensions, { apollo: { subgraph: { resolveReference } } })
  }
  return schema
}

/**
 * Calls subgraphs in process, through JSON both ways.
 *
 * A request that the subgraph's schema does not allow gets errors only, as from a real server. Replies are frozen,
 * since one reply may be shared by several requests.
 */
export function createLocalCall(
  subgraphs: ReadonlyMap<string, LocalSubgraph>,
  observe: (request: LocalRequest) => void = () => undefined,
): CallSubgraph {
  const known = new Map<string, Pick<LocalRequest, 'document' | 'findings'>>()

  /** Large operations take longer to validate than to execute, and tests send the same ones again. */
  function read(name: string, schema: GraphQLSchema, source: string) {
    const key = `${name} ${source}`
    const found = known.get(key)
    if (found) return found
    const document = parse(source)
    const made = { document, findings: validate(schema, document) }
    known.set(key, made)
    return made
  }

  return async (call) => {
    const subgraph = subgraphs.get(call.subgraph)
    if (!subgraph) throw new Error(`There is no subgraph ${call.subgraph}.`)
    const { query, operationName, variables = {} } = JSON.parse(call.body) as SentBody
    const { document, findings } = read(call.subgraph, subgraph.schema, query)
    observe({ subgraph: call.subgraph, source: query, document, variables, findings })
    if (findings.length > 0) return toReply(null, findings)
    assertDeclared(call, document, operationName)
    const { data, errors } = await execute({
      schema: subgraph.schema,
      document,
      rootValue: {},
      variableValues: variables,
      operationName: operationName ?? null,
      fieldResolver: subgraph.fieldResolver,
      typeResolver: (row) => String((row as Row)['__typename']),
    })
    return toReply(data, errors)
  }
}

interface SentBody {
  readonly query: string
  readonly operationName?: string
  readonly variables?: JsonObject
}

/** The facts beside the body are for guards and logs: they must not lie about it. */
function assertDeclared(call: SubgraphCall, document: DocumentNode, operationName: string | undefined): void {
  const [operation] = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const type = String(operation?.operation)
  if (call.operationType !== type) throw new Error(`A ${type} was sent as a ${call.operationType}.`)
  if (call.operationName !== operationName) throw new Error(`${String(operationName)} was sent as another.`)
}

function toReply(data: unknown, errors: readonly GraphQLError[] = []): SubgraphReply {
  const told = errors.map(({ message, path, extensions }) => ({ message, path, code: extensions['code'] }))
  const text = JSON.stringify({ data: data ?? null, errors: told })
  return { text, cachePolicy: undefined, ...(JSON.parse(text) as Pick<SubgraphReply, 'data' | 'errors'>) }
}
