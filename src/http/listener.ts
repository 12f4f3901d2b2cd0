import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Socket } from 'node:net'
import { GatewayError } from '../kernel/gateway-error.js'
import { recordExchange, type AccessLogPorts } from './access-log.js'
import { answerClientError } from './client-error.js'
import { Drain } from './drain.js'
import { Exchange } from './exchange.js'
import { InFlight } from './in-flight.js'
import type { HttpOptions } from './options.js'
import { assertHead } from './request-head.js'
import { chooseRequestId } from './request-id.js'
import { sendRefusal, toRefusal } from './refusal.js'

/** How often Node looks for requests that are over their time, in milliseconds. */
const TIMEOUT_CHECK_MS = 1_000

/** A bare listener: limits, request ids, errors and the access log, but no routes. */
export interface Listener {
  readonly app: FastifyInstance
  readonly drain: Drain
  readonly listen: (address: { host: string; port: number }) => Promise<ListeningAt>
  /** Drains and closes; resolves when the last request is answered. */
  readonly close: () => Promise<void>
}

export interface ListeningAt {
  readonly url: string
  readonly port: number
}

/** Makes the listener that the public front and the admin front share. */
export function createListener(options: HttpOptions, ports: AccessLogPorts): Listener {
  const inFlight = new InFlight()
  const answering = new WeakMap<Socket, Exchange>()
  const app = createFastify(options, ports, answering)
  const drain = new Drain(app.server, inFlight, options)
  app.server.maxHeadersCount = options.limits.headerFields + 1

  app.decorateRequest('exchange', undefined)
  app.addHook('onRequest', (request, reply, done) => {
    const exchange = openExchange(request, reply, ports)
    inFlight.add(exchange)
    answering.set(request.raw.socket, exchange)
    reply.raw.once('close', () => {
      inFlight.delete(exchange)
      if (!reply.raw.writableEnded) exchange.deadline?.end('client-left')
      recordExchange(exchange, ports)
    })
    assertHead(request.raw, options.limits)
    assertRoomFor(request, inFlight, options.limits.concurrentRequests)
    done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    finishHead(request, reply, ports, drain.hasBegun)
    done(null, payload)
  })
  app.setErrorHandler((fault, request, reply) => refuse(fault, request, reply, ports))
  app.setNotFoundHandler(() => {
    throw new GatewayError('NOT_FOUND', 'No route of this name.')
  })
  return {
    app,
    drain,
    listen: (address) => listen(app, address),
    async close() {
      if (app.server.listening || drain.hasBegun) await drain.finish()
      await app.close()
    },
  }
}

function createFastify(
  options: HttpOptions,
  ports: AccessLogPorts,
  answering: WeakMap<Socket, Exchange>,
): FastifyInstance {
  const app = fastify({
    logger: false,
    http: {
      maxHeaderSize: options.limits.headerBytes,
      headersTimeout: options.headersTimeoutMs,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      // Checked by us, so that the answer has our shape.
      requireHostHeader: false,
    },
    requestTimeout: options.bodyTimeoutMs,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    return503OnClosing: false,
    forceCloseConnections: true,
    genReqId: (request) => chooseRequestId(request.headers['x-request-id']),
    frameworkErrors: (fault, request, reply) => {
      const exchange = openExchange(request, reply, ports)
      reply.raw.once('close', () => {
        recordExchange(exchange, ports)
      })
      // Fastify runs no hooks for these requests.
      finishHead(request, reply, ports, false)
      void refuse(fault, request, reply, ports)
    },
    clientErrorHandler: (error, socket) => {
      const isAnswering = answering.get(socket)?.reply.raw.headersSent === true
      ports.metrics.countError(answerClientError(error, socket, isAnswering).code)
    },
  })
  // Routes read their bodies themselves, through `receiveBody`: one place with one limit.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(null)
  })
  return app
}

function openExchange(request: FastifyRequest, reply: FastifyReply, ports: AccessLogPorts): Exchange {
  const exchange = new Exchange(request, reply, ports.clock.now())
  request.exchange = exchange
  return exchange
}

function assertRoomFor(request: FastifyRequest, inFlight: InFlight, limit: number): void {
  if (inFlight.size <= limit || request.routeOptions.config.vital === true) return
  throw new GatewayError('REQUEST_CONCURRENCY_LIMITED', 'Too many requests are in flight.', {
    headers: { 'retry-after': '1' },
  })
}

/** The headers that every response has (contract §5). */
function finishHead(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: AccessLogPorts,
  isDraining: boolean,
): void {
  const milliseconds = ports.clock.now() - (request.exchange?.startedAtMs ?? ports.clock.now())
  reply.header('x-request-id', request.id)
  reply.header('x-response-time', `${Math.max(0, Math.round(milliseconds))}ms`)
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  if (isDraining) reply.header('connection', 'close')
}

function refuse(
  fault: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  ports: AccessLogPorts,
): FastifyReply {
  const refusal = toRefusal(fault, request.id, ports.logger)
  ports.metrics.countError(refusal.code)
  if (request.exchange) request.exchange.logged.errorCodes = [refusal.code]
  return sendRefusal(reply, refusal)
}

async function listen(app: FastifyInstance, address: { host: string; port: number }): Promise<ListeningAt> {
  await app.listen(address)
  const bound = app.server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return { url: `http://${host}:${port}`, port }
}
