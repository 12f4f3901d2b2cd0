import type { ApolloServer, ApolloServerPlugin, HeaderMap, HTTPGraphQLRequest } from '@apollo/server'
import { getOperationAST, OperationTypeNode, parse } from 'graphql'
import type { IncomingHttpHeaders } from 'node:http'
import { Answer } from '../kernel/answer.js'
import type { Received } from '../kernel/contexts.js'
import type { Generation } from '../kernel/generation.js'
import { isRecord } from '../kernel/is-record.js'
import type { OperationRequest } from '../kernel/operation.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Reply } from '../kernel/reply.js'
import { createLineGateway, createLinePlugin, type ApolloContext } from './apollo-gateway.js'
import { ownFront, type FrontAnswer, type GraphqlFront } from './graphql-route.js'

export type ApolloPlugin = ApolloServerPlugin<ApolloContext>

interface RunningApollo {
  readonly server: ApolloServer<ApolloContext>
  readonly serve: (generation: Generation) => void
  readonly createHeaders: () => HeaderMap
}

/**
 * Makes the Apollo front: an Apollo Server whose gateway is our line (design §4, "Front").
 *
 * Apollo Server parses and runs its plugins; it does not validate, because the line's limits stand before
 * validation. A trusted document goes in by its text. Any other request without text is asked for it: no plugin would
 * see the operation it stands for. The line itself does that, so that such a request is identified and counted like
 * any other.
 */
export function createApolloFront(logger: Logger, plugins: readonly ApolloPlugin[] = []): GraphqlFront {
  let starting: Promise<RunningApollo> | undefined
  return async (received, generation, http): Promise<FrontAnswer> => {
    const { request, mediaType } = http
    const query = received.request.query || generation.trustedText?.(received)
    if (query === undefined || query === '') return ownFront(withNobodysHash(received), generation, http)
    if (subscribes(received, query)) return ownFront(received, generation, http)
    starting ??= startApollo(generation, logger, plugins).catch((error: unknown) => {
      starting = undefined
      throw error
    })
    const { server, serve, createHeaders } = await starting
    serve(generation)
    const context: ApolloContext = { received, generation, mediaType, outcome: { reply: undefined } }
    const headers = fill(createHeaders(), request.headers)
    // As it was decided before: Apollo Server itself knows no answer but JSON.
    headers.set('accept', mediaType)
    const answer = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: toApolloRequest({ ...received.request, query }, headers),
      context: () => Promise.resolve(context),
    })
    if (answer.body.kind !== 'complete') throw new Error('Apollo Server answered in parts.')
    const text = answer.body.string
    const status = answer.status ?? 200
    answer.headers.delete('content-type')
    const reply = context.outcome.reply ?? answeredByPlugin(text, status)
    return { reply, status, payload: text, headers: Object.fromEntries(answer.headers) }
  }
}

async function startApollo(
  first: Generation,
  logger: Logger,
  plugins: readonly ApolloPlugin[],
): Promise<RunningApollo> {
  const [apollo, disabled] = await Promise.all([
    import('@apollo/server'),
    import('@apollo/server/plugin/disabled'),
  ])
  const { gateway, serve } = createLineGateway(first)
  const server = new apollo.ApolloServer<ApolloContext>({
    gateway,
    plugins: [
      // First, so that the other plugins see the line's errors and status as they will go out.
      createLinePlugin(),
      disabled.ApolloServerPluginCacheControlDisabled(),
      disabled.ApolloServerPluginInlineTraceDisabled(),
      disabled.ApolloServerPluginLandingPageDisabled(),
      disabled.ApolloServerPluginSchemaReportingDisabled(),
      disabled.ApolloServerPluginUsageReportingDisabled(),
      ...plugins,
    ],
    csrfPrevention: false, // decided before, with the configured headers (csrf.ts)
    persistedQueries: false, // the line's own, shared by all instances
    dangerouslyDisableValidation: true,
    introspection: true, // the line decides
    includeStacktraceInErrorResponses: false,
    formatError: (formatted) =>
      formatted.extensions?.['code'] === 'INTERNAL_SERVER_ERROR'
        ? { message: 'An unexpected fault occurred.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }
        : formatted,
    stopOnTerminationSignals: false,
    stringifyResult: (result) => JSON.stringify(result),
    logger: toApolloLogger(logger),
    nodeEnv: 'production',
  })
  await server.start()
  return { server, serve, createHeaders: () => new apollo.HeaderMap() }
}

/** Apollo Server has one answer to an operation; what has several goes straight to the line. */
function subscribes({ carriesStream, request }: Received, query: string): boolean {
  if (carriesStream !== true || !/\bsubscription\b/.test(query)) return false
  try {
    // The word may stand anywhere; what has one answer must not get past the plugins by it.
    const operation = getOperationAST(parse(query, { noLocation: true }), request.operationName)
    return operation?.operation === OperationTypeNode.SUBSCRIPTION
  } catch {
    return false
  }
}

/** The line knows no text of this hash and learns none: finding one would take longer than anybody has. */
const NOBODYS_HASH = '0'.repeat(64)

function withNobodysHash(received: Received): Received {
  const { extensions } = received.request
  const persistedQuery = extensions?.['persistedQuery']
  if (!isRecord(persistedQuery) || typeof persistedQuery['sha256Hash'] !== 'string') return received
  const asked = { ...extensions, persistedQuery: { ...persistedQuery, sha256Hash: NOBODYS_HASH } }
  return { ...received, request: { ...received.request, extensions: asked } }
}

/** The request as Apollo Server may see it: what asks for its own persisted queries is left out. */
function toApolloRequest(request: OperationRequest, headers: HeaderMap): HTTPGraphQLRequest {
  const { query, operationName, variables, readOnly } = request
  const extensions = Object.fromEntries(
    Object.entries(request.extensions ?? {}).filter(([name]) => name !== 'persistedQuery'),
  )
  if (!readOnly) {
    // Apollo Server refuses members that are there and undefined.
    const members = Object.entries({ query, operationName, variables, extensions })
    const body = Object.fromEntries(members.filter(([, value]) => value !== undefined))
    return { method: 'POST', headers, search: '', body }
  }
  const search = new URLSearchParams({ query: query ?? '', extensions: JSON.stringify(extensions) })
  if (operationName !== undefined) search.set('operationName', operationName)
  if (variables !== undefined) search.set('variables', JSON.stringify(variables))
  return { method: 'GET', headers, search: `?${search.toString()}`, body: undefined }
}

function fill(map: HeaderMap, headers: IncomingHttpHeaders): HeaderMap {
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, typeof value === 'string' ? value : value.join(', '))
  }
  return map
}

/** A plugin answered or refused before the line was asked. */
function answeredByPlugin(text: string, status: number): Reply {
  return {
    answer: Answer.fromText(text),
    status,
    refusal: undefined,
    principal: undefined,
    operation: undefined,
    cacheStatus: 'BYPASS',
  }
}

function toApolloLogger(logger: Logger) {
  const write = (level: keyof Logger) => (message: unknown) => {
    logger[level]({ source: 'apollo-server' }, String(message))
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
