import type { GatewayError } from '../../kernel/gateway-error.js'
import type { AccessLogPorts } from '../access-log.js'
import type { SocketOperation } from './socket-operation.js'
import type { Visitor } from './visitor.js'

/** The label of metrics. */
const FRONT_END = 'websocket'

/** Writes the one log line of an operation and counts it, as of a request over HTTP, when it is over. */
export function recordOperation(
  operation: SocketOperation,
  { requestId, startedAtMs }: { readonly requestId: string; readonly startedAtMs: number },
  { metrics, logger, clock }: AccessLogPorts,
): void {
  const { status, logged, sentBytes } = operation
  const milliseconds = Math.max(0, clock.now() - startedAtMs)
  const frontEnd = logged.events === undefined ? FRONT_END : 'subscription'
  metrics.countRequest({ frontEnd, status, milliseconds })
  const line = { requestId, method: 'WS', route: '/graphql', status, milliseconds, bytes: sentBytes }
  logger.info(Object.assign(logged, line), 'request')
}

/** Writes the log line of a handshake that was refused, and counts it. */
export function recordHandshake(
  { status, code }: GatewayError,
  requestId: string,
  { metrics, logger }: Pick<AccessLogPorts, 'metrics' | 'logger'>,
): void {
  metrics.countError(code)
  metrics.countRequest({ frontEnd: FRONT_END, status, milliseconds: 0 })
  logger.info({ requestId, method: 'GET', route: '/graphql', status, errorCodes: [code] }, 'request')
}

/** Writes the log line of a socket that has closed: how long it was open, for what, and why no longer. */
export function recordSocket(
  socket: {
    readonly visitor: Visitor
    readonly code: number
    readonly operations: number
    readonly openedAtMs: number
  },
  { logger, clock }: AccessLogPorts,
): void {
  const { visitor, code, operations, openedAtMs } = socket
  const milliseconds = Math.max(0, clock.now() - openedAtMs)
  logger.info({ requestId: visitor.requestId, code, operations, milliseconds }, 'socket closed')
}
