import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Answer } from '../kernel/answer.js'
import { receive, type Received } from '../kernel/contexts.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { CurrentGeneration, Generation } from '../kernel/generation.js'
import type { OperationRequest } from '../kernel/operation.js'
import { notLoaded } from '../kernel/out-of-service.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Reply } from '../kernel/reply.js'
import type { ResponseHead } from '../kernel/response-head.js'
import { answerStatus } from './answer-status.js'
import type { OpenArrival } from './arrival.js'
import { assertJsonContentType, essenceOf } from './content-type.js'
import { assertNotForged } from './csrf.js'
import { exchangeOf, type Exchange } from './exchange.js'
import { assertQueryContentType, readPostedRequest, readQueryString, rulesOf } from './graphql-request.js'
import type { InFlight } from './in-flight.js'
import { noteReply } from './logged-facts.js'
import { negotiateAnswer, prefersHtml, type AnswerMediaType } from './media-type.js'
import { refuseOtherMethods } from './mount-routes.js'
import type { HttpOptions } from './options.js'
import type { SendPage } from './page.js'
import { receiveBody } from './receive-body.js'
import { negotiateStream } from './streams/negotiate-stream.js'
import { sendAsStream, sendStream } from './streams/send-stream.js'
import { joinVary } from './vary.js'

/** What a front makes of one received operation. */
export interface FrontAnswer {
  readonly reply: Reply
  readonly status: number
  readonly payload: string | Buffer
  /** Headers that the front adds to those of the stages. */
  readonly headers: Readonly<Record<string, string>>
}

/** Runs a received operation on the line; Apollo Server may stand between, and nothing else. */
export type GraphqlFront = (
  received: Received,
  generation: Generation,
  http: { readonly request: FastifyRequest; readonly mediaType: AnswerMediaType },
) => Promise<FrontAnswer>

export interface GraphqlRoutePorts {
  readonly options: HttpOptions
  readonly current: CurrentGeneration
  readonly front: GraphqlFront
  readonly openArrival: OpenArrival
  /** Told of responses that last as long as their clients like. */
  readonly inFlight: Pick<InFlight, 'setAside'>
  readonly logger: Logger
  /** The page for browsers, where one is served. */
  readonly sandbox: SendPage | undefined
}

const GRAPHQL_PATH = '/graphql'

/** The own front: straight to the line. */
export const ownFront: GraphqlFront = async (received, generation, { mediaType }) => {
  const reply = await generation.runOperation(received)
  return { reply, status: answerStatus(reply, mediaType), payload: reply.answer.payload, headers: {} }
}

/** Puts GraphQL over HTTP on a listener. */
export function mountGraphql(app: FastifyInstance, ports: GraphqlRoutePorts): void {
  const config = { graphql: true, frontEnd: 'graphql' }
  app.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    config,
    handler: (request, reply) => handle(request, reply, ports),
  })
  refuseOtherMethods(app, GRAPHQL_PATH, ['GET', 'POST'], config)
}

async function handle(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: GraphqlRoutePorts,
): Promise<FastifyReply> {
  const { accept } = request.headers
  if (
    ports.sandbox &&
    request.method === 'GET' &&
    !asksQuery(request, ports.options) &&
    prefersHtml(accept)
  ) {
    return ports.sandbox(request, reply)
  }
  const accepted = negotiateAnswer(accept)
  const form = request.method === 'POST' ? negotiateStream(accept) : undefined
  if (accepted === undefined && form === undefined) {
    throw new GatewayError(
      'NOT_ACCEPTABLE',
      'Answers are application/json or application/graphql-response+json; to a POST also text/event-stream or multipart/mixed;subscriptionSpec=1.0.',
    )
  }
  // Who takes streams only reads what refuses him by its status.
  const mediaType = accepted ?? 'application/graphql-response+json'
  const operation = await readOperation(request, ports.options)
  const generation = ports.current()
  if (generation === undefined) throw notLoaded()
  const received = receive(ports.openArrival(request), {
    frontEnd: 'graphql',
    request: operation,
    carriesStream: form !== undefined,
  })
  const answer = await ports.front(received, generation, { request, mediaType })
  const exchange = exchangeOf(request)
  noteReply(exchange.logged, answer.reply)
  const { stream, refusal } = answer.reply
  if (reply.sent) {
    void stream?.return()
    return reply
  }
  const head = received.responseHead
  if (form === undefined || (stream === undefined && (accepted !== undefined || refusal !== undefined))) {
    send(exchange, answer, head, mediaType)
    return reply
  }
  completeHead(head, answer)
  const way = { exchange, head, form, options: ports.options.streams }
  if (stream === undefined) sendAsStream(Answer.fromText(String(answer.payload)), way)
  else {
    ports.inFlight.setAside(exchange)
    ports.logger.info({ requestId: exchange.requestId, ...exchange.logged }, 'subscription opened')
    await sendStream(stream, way)
  }
  return reply
}

function readOperation(
  request: FastifyRequest,
  options: HttpOptions,
): OperationRequest | Promise<OperationRequest> {
  const { headers, method } = request
  const contentType = headers['content-type']
  // What nearly everybody sends has nothing left to check.
  if (contentType === 'application/json' && method === 'POST') return readPosted(request, options)
  if (essenceOf(contentType ?? '') === 'multipart/form-data') {
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'Multipart requests are not supported.')
  }
  assertNotForged(headers, options.csrf)
  if (method !== 'POST') {
    assertQueryContentType(headers)
    return readQueryString(queryOf(request), rulesOf(options))
  }
  assertJsonContentType(contentType)
  return readPosted(request, options)
}

async function readPosted(request: FastifyRequest, options: HttpOptions): Promise<OperationRequest> {
  const body = await receiveBody(request.raw, options.limits.bodyBytes)
  exchangeOf(request).receivedBytes = body.length
  return readPostedRequest(body, rulesOf(options))
}

function send(exchange: Exchange, answer: FrontAnswer, head: ResponseHead, mediaType: AnswerMediaType): void {
  completeHead(head, answer)
  head.set('content-type', `${mediaType}; charset=utf-8`)
  exchange.send(answer.status, head, answer.payload)
}

function completeHead(head: ResponseHead, { reply, headers }: FrontAnswer): void {
  for (const name in headers) head.set(name, headers[name] ?? '')
  const refused = reply.refusal?.headers
  for (const name in refused) head.set(name, refused[name] ?? '')
  head.set('vary', joinVary('Accept', head.get('vary') ?? ''))
}

function asksQuery(request: FastifyRequest, { documentIdParameters }: HttpOptions): boolean {
  const query = queryOf(request)
  return ['query', 'extensions', ...documentIdParameters].some((name) => query.has(name))
}

function queryOf(request: FastifyRequest): URLSearchParams {
  const start = request.url.indexOf('?')
  return new URLSearchParams(start === -1 ? '' : request.url.slice(start + 1))
}
