import type { FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, parse, subscribe, validate } from 'graphql'
import type { DocumentNode, ExecutionResult, GraphQLFormattedError, GraphQLSchema } from 'graphql'

/** Between two beats of a silent stream, so that nobody in between takes it for dead. */
const HEARTBEAT_MILLISECONDS = 12_000

/** The schema and the streams that are open on it: whoever closes the listener ends them first. */
export interface SubscriptionStreams {
  readonly schema: GraphQLSchema
  readonly open: Set<AsyncGenerator<ExecutionResult>>
  /** Hides what callers should not see of a fault. */
  readonly mask: (error: GraphQLError) => GraphQLFormattedError
}

/**
 * Answers a subscription as server-sent events: one `next` per event, then `complete`.
 *
 * This is the "distinct connections" mode of the GraphQL over SSE protocol (graphql-sse, PROTOCOL.md).
 */
export async function streamSubscription(
  { schema, open, mask }: SubscriptionStreams,
  contextValue: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const asked = readRequest(request.body)
  const document = asked === undefined ? undefined : parseValid(schema, asked.query)
  if (asked === undefined || document === undefined || !('kind' in document)) {
    return reply.code(400).send({ errors: document ?? [new GraphQLError('A "query" text is needed.')] })
  }
  const result = await subscribe({
    schema,
    document,
    contextValue,
    variableValues: asked.variables,
    operationName: asked.operationName,
  })
  if (!(Symbol.asyncIterator in result)) {
    return reply.code(400).send({ errors: result.errors?.map(mask) })
  }
  open.add(result)
  await writeEvents(reply, result, mask)
  open.delete(result)
  return reply
}

async function writeEvents(
  reply: FastifyReply,
  events: AsyncGenerator<ExecutionResult>,
  mask: SubscriptionStreams['mask'],
): Promise<void> {
  reply.hijack()
  const stream = reply.raw
  stream.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  stream.write(':\n\n')
  const heartbeat = setInterval(() => stream.write(':\n\n'), HEARTBEAT_MILLISECONDS)
  stream.on('close', () => {
    clearInterval(heartbeat)
    void events.return(undefined)
  })
  for await (const { data, errors } of events) {
    const event = errors === undefined ? { data } : { data, errors: errors.map(mask) }
    stream.write(`event: next\ndata: ${JSON.stringify(event)}\n\n`)
  }
  stream.end('event: complete\ndata:\n\n')
}

interface AskedSubscription {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName: string | null
}

function readRequest(body: unknown): AskedSubscription | undefined {
  if (typeof body !== 'object' || body === null || !('query' in body)) return undefined
  if (typeof body.query !== 'string') return undefined
  const variables = 'variables' in body && isRecord(body.variables) ? body.variables : {}
  const named = 'operationName' in body && typeof body.operationName === 'string' ? body.operationName : null
  return { query: body.query, variables, operationName: named }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseValid(schema: GraphQLSchema, query: string): DocumentNode | readonly GraphQLError[] {
  try {
    const document = parse(query, { maxTokens: 5_000 })
    const faults = validate(schema, document)
    return faults.length > 0 ? faults : document
  } catch (error) {
    return [error instanceof GraphQLError ? error : new GraphQLError('The query cannot be read.')]
  }
}
