import {
  buildSchema,
  execute,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  OperationTypeNode,
  parse,
  validate,
  type DocumentNode,
} from 'graphql'
import { Answer } from '../../src/kernel/answer.js'
import type { Received } from '../../src/kernel/contexts.js'
import { GatewayError, toAnswerErrors, type AnswerError } from '../../src/kernel/gateway-error.js'
import type { Generation } from '../../src/kernel/generation.js'
import type { OperationRecord } from '../../src/kernel/operation.js'
import type { Reply, RunOperation } from '../../src/kernel/reply.js'

const SDL = /* GraphQL */ `
  type Query {
    greeting(name: String = "world"): String
    broken: String
  }
  type Mutation {
    count: Int!
  }
`

const schema = buildSchema(SDL)

/** How often each thing happened, for tests that something must not happen. */
export interface Seen {
  received: Received[]
  mutations: number
}

/**
 * A generation of a tiny graph on graphql-js: enough line for tests of a front, with the codes of the real one.
 *
 * `before` runs first, so that a test can refuse, wait or set headers.
 */
export function createSmallGeneration(before?: (received: Received) => void | Promise<void>): {
  readonly generation: Generation
  readonly seen: Seen
} {
  const seen: Seen = { received: [], mutations: 0 }
  const runOperation: RunOperation = async (received) => {
    seen.received.push(received)
    try {
      await before?.(received)
      return await run(received, seen)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      return toReply({ errors: toAnswerErrors(error) }, error, undefined)
    }
  }
  const generation: Generation = {
    id: 'small',
    apiSchema: schema,
    runOperation,
    resolveStored: () => {
      throw new Error('no stored operations here')
    },
  }
  return { generation, seen }
}

async function run({ request }: Received, seen: Seen): Promise<Reply> {
  if (request.query === undefined) {
    throw new GatewayError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound')
  }
  const document = parsed(request.query)
  const findings = validate(schema, document)
  if (findings.length > 0) {
    throw new GatewayError('GRAPHQL_VALIDATION_FAILED', 'The document is not valid.', {
      details: findings.map(({ message }) => ({ message })),
    })
  }
  const operation = getOperationAST(document, request.operationName)
  if (!operation) throw new GatewayError('OPERATION_RESOLUTION_FAILURE', 'No such operation.')
  if (request.readOnly && operation.operation !== OperationTypeNode.QUERY) {
    throw new GatewayError('METHOD_NOT_ALLOWED', 'GET admits queries only.', { headers: { allow: 'POST' } })
  }
  const variables = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {})
  if (variables.errors) throw new GatewayError('BAD_USER_INPUT', 'A variable is wrong.')
  const result = await execute({
    schema,
    document,
    operationName: request.operationName ?? null,
    variableValues: request.variables ?? {},
    rootValue: rootFor(seen),
  })
  const errors = result.errors?.map(toAnswerError)
  const data = JSON.parse(JSON.stringify(result.data ?? null))
  const record: OperationRecord = {
    hash: 'a'.repeat(64),
    name: operation.name?.value,
    type: operation.operation,
    document,
    operation,
    source: request.query,
  }
  return toReply(errors ? { errors, data } : { data }, undefined, record)
}

function rootFor(seen: Seen) {
  return {
    greeting: ({ name }: { name: string }) => `Hello, ${name}!`,
    broken: () => {
      throw new GraphQLError('The subgraph is away.', { extensions: { code: 'SUBREQUEST_HTTP_ERROR' } })
    },
    count: () => (seen.mutations += 1),
  }
}

function parsed(text: string): DocumentNode {
  try {
    return parse(text)
  } catch (cause) {
    throw new GatewayError('GRAPHQL_PARSE_FAILED', 'The document does not parse.', { cause })
  }
}

function toAnswerError({ message, path, extensions }: GraphQLError): AnswerError {
  return {
    message,
    ...(path ? { path } : {}),
    extensions: { code: String(extensions['code']) },
  }
}

function toReply(
  body: Answer['body'],
  refusal: GatewayError | undefined,
  operation: OperationRecord | undefined,
): Reply {
  return {
    answer: Answer.fromBody(body),
    status: refusal?.status ?? 200,
    refusal,
    principal: undefined,
    operation,
    cacheStatus: 'MISS',
  }
}
