import type { Clock } from '../kernel/ports/clock.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { Exchange } from './exchange.js'

export interface AccessLogPorts {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock: Clock
}

/** nginx's status for "the client closed the request"; nobody receives it. */
const CLIENT_LEFT = 499

/**
 * Writes the one log line and counts the one request and its bytes, when the last byte is sent or the client is gone.
 *
 * The route is logged as its pattern and the query string not at all: both may hold what is nobody's business.
 */
export function recordExchange(exchange: Exchange, ports: AccessLogPorts): void {
  const { request, reply } = exchange
  const status = reply.raw.writableEnded ? reply.statusCode : CLIENT_LEFT
  const milliseconds = Math.max(0, ports.clock.now() - exchange.startedAtMs)
  const { config, url: route } = request.routeOptions
  ports.metrics.countRequest({
    frontEnd: exchange.isStream ? 'subscription' : (config.frontEnd ?? 'http'),
    status,
    milliseconds,
  })
  const bytes = exchange.sentBytes ?? Number(reply.getHeader('content-length') ?? 0)
  if (!exchange.isStream) exchange.countBytes(exchange.receivedBytes, bytes)
  // Added to what is there: on Node 20 six fields behind a spread would cost 6 µs (measured).
  const facts = Object.assign(exchange.logged, {
    requestId: exchange.requestId,
    method: request.method,
    route: route ?? 'unknown',
    status,
    milliseconds,
    bytes,
  })
  ports.logger.info(facts, 'request')
}
