import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { GatewayError } from '../kernel/gateway-error.js'
import { recordExchange, type AccessLogPorts } from './access-log.js'
import { answerClientError } from './client-error.js'
import { CommonHead } from './common-head.js'
import { crowded } from './crowded.js'
import { Drain } from './drain.js'
import { Exchange } from './exchange.js'
import { InFlight } from './in-flight.js'
import type { HttpOptions } from './options.js'
import { assertHead } from './request-head.js'
import { chooseRequestId } from './request-id.js'
import { sendRefusal, toRefusal } from './refusal.js'

/** How often Node looks for requests that are over their time, in milliseconds. */
const TIMEOUT_CHECK_MS = 1_000

/** For which Fastify would otherwise look for a parser of its own. */
const METHODS_WITH_BODY = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** A bare listener: limits, request ids, errors and the access log, but no routes. */
export interface Listener {
  readonly app: FastifyInstance
  readonly drain: Drain
  readonly inFlight: InFlight
  /** What every response of this listener says. */
  readonly head: CommonHead
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
  const head: CommonHead = new CommonHead(ports.clock, () => drain.hasBegun)
  const app = createFastify(options, ports, { inFlight, head })
  const drain: Drain = new Drain(app.server, inFlight, options)
  app.server.maxHeadersCount = options.limits.headerFields + 1

  app.decorateRequest('exchange', undefined)
  app.addHook('onRequest', (request, reply, done) => {
    const exchange = openExchange(request, reply, ports, head)
    inFlight.add(exchange)
    onceOver(request, reply, () => {
      inFlight.delete(exchange)
      if (!reply.raw.writableEnded) exchange.deadline?.end('client-left')
      recordExchange(exchange, ports)
    })
    assertHead(request.raw, options.limits)
    assertRoomFor(request, inFlight, options.limits.concurrentRequests)
    done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    head.completeReply(reply, request.exchange)
    done(null, payload)
  })
  app.setErrorHandler((fault, request, reply) => refuse(fault, request, reply, ports))
  app.setNotFoundHandler(() => {
    throw new GatewayError('NOT_FOUND', 'No route of this name.')
  })
  return {
    app,
    drain,
    inFlight,
    head,
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
  { inFlight, head }: { readonly inFlight: InFlight; readonly head: CommonHead },
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
      const exchange = openExchange(request, reply, ports, head)
      reply.raw.once('close', () => {
        recordExchange(exchange, ports)
      })
      // Fastify runs no hooks for these requests.
      head.completeReply(reply, exchange)
      void refuse(fault, request, reply, ports)
    },
    clientErrorHandler: (error, socket) => {
      ports.metrics.countError(answerClientError(error, socket, inFlight.isAnswering(socket)).code)
    },
  })
  // Routes read their bodies themselves, through `receiveBody`: one place with one limit.
  for (const method of METHODS_WITH_BODY) {
    app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  }
  return app
}

/**
 * Calls `end` once, when a response is sent or its connection is gone.
 *
 * A response that waits behind another one of its connection has no socket yet, and Node tells it nothing when that
 * breaks.
 */
function onceOver(
  { raw: { socket } }: FastifyRequest,
  { raw: response }: FastifyReply,
  end: () => void,
): void {
  if (response.socket !== null) {
    response.on('close', end)
    return
  }
  const over = (): void => {
    socket.off('close', over)
    response.off('close', over)
    end()
  }
  // As many as Node lets wait on a connection.
  socket.setMaxListeners(0).on('close', over)
  response.on('close', over)
}

function openExchange(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: AccessLogPorts,
  head: CommonHead,
): Exchange {
  const exchange = new Exchange(request, reply, ports.clock.now(), head)
  request.exchange = exchange
  return exchange
}

function assertRoomFor(request: FastifyRequest, inFlight: InFlight, limit: number): void {
  if (!inFlight.isOver(limit) || request.routeOptions.config.vital === true) return
  throw crowded('Too many requests are in flight.')
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
