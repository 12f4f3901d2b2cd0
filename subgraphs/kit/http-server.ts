import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import { REQUEST_ID_HEADER } from '../../src/contract/identity-headers.js'
import type { PropagatedIdentity } from '../../src/contract/identity-headers.js'
import { checkIdentity } from './identity-check.js'
import { createRequestLog, maskFault } from './request-log.js'
import type { SubgraphContext } from './subgraph-context.js'
import { streamSubscription } from './subscription-stream.js'
import type { SubscriptionStreams } from './subscription-stream.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set once the signature was found right. */
    identity: PropagatedIdentity | undefined
  }
}

/** Entity fetches carry one representation per entity: room for some thousands of them. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024

export interface HttpServerParts<Loaders> {
  readonly name: string
  readonly schema: GraphQLSchema
  readonly secret: string
  readonly logger: Logger
  readonly createContext: (
    identity: PropagatedIdentity,
    requestId: string | undefined,
  ) => SubgraphContext<Loaders>
}

/** Makes the listener of a subgraph: `POST /graphql` behind the signature check, and `GET /health`. */
export async function createHttpServer<Loaders>(parts: HttpServerParts<Loaders>): Promise<FastifyInstance> {
  const app = Fastify({ bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: 'idle' })
  const apollo = createApolloServer(parts)
  await apollo.start()
  const streams: SubscriptionStreams = {
    schema: parts.schema,
    open: new Set(),
    mask: (error) => maskFault(error.toJSON(), error, parts.logger),
  }
  app.addHook('preClose', async () => {
    await Promise.all([...streams.open].map((events) => events.return(undefined)))
  })
  app.addHook('onClose', () => apollo.stop())
  app.decorateRequest('identity', undefined)
  // Kept as bytes: the signature is over what was sent, not over what it means.
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })
  const contextOf = (request: FastifyRequest): SubgraphContext<Loaders> => {
    const requestId = request.headers[REQUEST_ID_HEADER]
    if (request.identity === undefined) throw new Error('a request passed without an identity')
    return parts.createContext(request.identity, typeof requestId === 'string' ? requestId : undefined)
  }
  const answerOnce = fastifyApolloHandler(apollo, {
    context: (request) => Promise.resolve(contextOf(request)),
  })
  app.get('/health', () => ({ status: 'ok', service: parts.name }))
  app.post(
    '/graphql',
    { preHandler: createIdentityHook(parts.secret, parts.logger) },
    async function answer(request, reply) {
      if (request.headers.accept?.includes('text/event-stream') !== true) {
        return await answerOnce.call(this, request, reply)
      }
      const { requestId, identity } = contextOf(request)
      parts.logger.info({ requestId, userId: identity.userId, operation: 'subscription' }, 'stream')
      return await streamSubscription(streams, contextOf(request), request, reply)
    },
  )
  return app
}

function createApolloServer<Loaders>({
  schema,
  logger,
}: HttpServerParts<Loaders>): ApolloServer<SubgraphContext<Loaders>> {
  return new ApolloServer<SubgraphContext<Loaders>>({
    schema,
    // Only signed requests come this far, so that introspection is for the gateway and its tools.
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => maskFault(formatted, error, logger),
    logger,
    plugins: [
      createRequestLog<Loaders>(logger),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginLandingPageDisabled(),
    ],
  })
}

function createIdentityHook(secret: string, logger: Logger) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const { identity, refused } = checkIdentity(request.headers, body, secret)
    if (identity === undefined) {
      logger.warn({ requestId: request.headers[REQUEST_ID_HEADER], refused }, 'request refused')
      return reply.code(401).send(refusal('UNAUTHENTICATED', `The gateway's signature is ${refused}.`))
    }
    request.identity = identity
    // Whatever is remembered of the answer is of this tenant and, where it is not public, of this user.
    void reply.header('vary', 'x-tenant-id, x-user-id, x-user-scopes')
    try {
      request.body = JSON.parse(body.toString())
    } catch {
      return reply.code(400).send(refusal('BAD_REQUEST', 'The body is not JSON.'))
    }
    return undefined
  }
}

function refusal(code: string, message: string): object {
  return { errors: [{ message, extensions: { code } }] }
}
