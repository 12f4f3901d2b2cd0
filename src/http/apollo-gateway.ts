import type {
  ApolloServerOptionsWithGateway,
  ApolloServerPlugin,
  GraphQLRequestContextWillSendResponse,
} from '@apollo/server'
import { buildSchema, GraphQLError, OperationTypeNode, printSchema } from 'graphql'
import type { Received } from '../kernel/contexts.js'
import type { AnswerError } from '../kernel/gateway-error.js'
import type { Generation } from '../kernel/generation.js'
import type { Reply } from '../kernel/reply.js'
import { answerStatus } from './answer-status.js'
import type { AnswerMediaType } from './media-type.js'

/** The context that Apollo plugins see: our request, and our reply once the line has run. */
export interface ApolloContext {
  readonly received: Received
  readonly generation: Generation
  readonly mediaType: AnswerMediaType
  /** An object inside, because Apollo Server copies the context itself. */
  readonly outcome: { reply: Reply | undefined }
}

type ApolloGateway = ApolloServerOptionsWithGateway<ApolloContext>['gateway']
type SchemaListener = Parameters<ApolloGateway['onSchemaLoadOrUpdate']>[0]

/**
 * Makes the gateway that an Apollo Server runs operations on: our line.
 *
 * `serve` tells Apollo Server of a newer generation; each request still runs on the generation in its context.
 */
export function createLineGateway(first: Generation): {
  readonly gateway: ApolloGateway
  readonly serve: (generation: Generation) => void
} {
  const listeners = new Set<SchemaListener>()
  let announced = first
  const announce = () => {
    // A copy, because plugins instrument the schema they are given.
    const apiSchema = buildSchema(printSchema(announced.apiSchema), { assumeValid: true })
    for (const listener of listeners) listener({ apiSchema, coreSupergraphSdl: '' })
  }
  return {
    gateway: {
      onSchemaLoadOrUpdate(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      load() {
        announce()
        return Promise.resolve({ executor: ({ context }) => execute(context as ApolloContext) })
      },
      stop: () => Promise.resolve(),
    },
    serve(generation) {
      if (generation === announced) return
      announced = generation
      announce()
    },
  }
}

/**
 * Makes the plugin that puts the line's own errors and status on the way out.
 *
 * What Apollo Server could not run itself (text that does not parse, a mutation by GET) goes through the line
 * here, so that it is counted by the limits and refused in the same words as on our own front.
 */
export function createLinePlugin(): ApolloServerPlugin<ApolloContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        async willSendResponse(context) {
          const { outcome } = context.contextValue
          if (outcome.reply === undefined && isLeftToTheLine(context)) {
            outcome.reply = await run(context.contextValue)
          }
          if (outcome.reply !== undefined) putReply(context, outcome.reply)
        },
      }),
  }
}

async function execute(context: ApolloContext) {
  const { data, errors, extensions } = (await run(context)).answer.body
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: errors.map(toGraphQLError) }),
    ...(extensions === undefined ? {} : { extensions }),
  }
}

async function run({ generation, received, outcome }: ApolloContext): Promise<Reply> {
  outcome.reply = await generation.runOperation(received)
  return outcome.reply
}

/** A plugin's refusal is not among these: by then the document is parsed and the operation a query. */
function isLeftToTheLine(context: GraphQLRequestContextWillSendResponse<ApolloContext>): boolean {
  if (context.document === undefined) return true
  const { readOnly } = context.contextValue.received.request
  return (
    readOnly && context.operation !== undefined && context.operation.operation !== OperationTypeNode.QUERY
  )
}

function putReply(context: GraphQLRequestContextWillSendResponse<ApolloContext>, reply: Reply): void {
  const { body, http } = context.response
  http.status = answerStatus(reply, context.contextValue.mediaType)
  if (body.kind !== 'single') return
  const { errors } = reply.answer.body
  if (errors === undefined) delete body.singleResult.errors
  else body.singleResult.errors = errors
}

function toGraphQLError({ message, path, extensions }: AnswerError): GraphQLError {
  return new GraphQLError(message, { path: path ?? null, extensions })
}
