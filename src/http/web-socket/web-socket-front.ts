import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import { WebSocketServer, type ServerOptions } from 'ws'
import { GatewayError } from '../../kernel/gateway-error.js'
import type { ReadCaller } from '../arrival.js'
import { writeRefusal } from '../client-error.js'
import { rulesOf } from '../graphql-request.js'
import type { Listener } from '../listener.js'
import type { HttpOptions } from '../options.js'
import { toRefusal } from '../refusal.js'
import { chooseRequestId } from '../request-id.js'
import { Connection, type ConnectionParts } from './connection.js'
import { openVisit } from './handshake.js'
import { putBack } from './put-back.js'
import { recordHandshake } from './record-operation.js'
import { SocketRegister } from './socket-register.js'

export interface WebSocketPorts extends Pick<
  ConnectionParts,
  'current' | 'identify' | 'logger' | 'metrics' | 'clock' | 'countsTraffic'
> {
  readonly readCaller: ReadCaller
  readonly isOriginAllowed: (origin: string) => boolean
}

/** A handshake that is being answered. */
interface Visit {
  readonly requestId: string
  readonly refuse: (fault: unknown) => void
}

/** How long a client that is told to close may take to agree, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000
const PATH = '/graphql'

/**
 * Serves `WS /graphql` on a listener: judges handshakes, opens sockets and keeps them until the drain.
 *
 * Frames are ws's matter, everything above them ours: no document is parsed here, and a message is looked at only as
 * far as it says which operation is meant.
 */
export function serveWebSockets(listener: Listener, options: HttpOptions, ports: WebSocketPorts): void {
  const { app, drain, inFlight } = listener
  const { logger, metrics } = ports
  const register = new SocketRegister(options.webSocket, metrics.showOpenSockets)
  const handshake = { ...ports, limits: options.limits, isDraining: () => drain.hasBegun, register }
  const connectionParts: ConnectionParts = {
    ...ports,
    options: options.webSocket,
    requestTimeoutMs: options.requestTimeoutMs,
    requestRules: rulesOf(options),
    inFlight,
    concurrentRequests: options.limits.concurrentRequests,
  }
  const visits = new WeakMap<IncomingMessage, Visit>()
  const webSockets = createWebSocketServer(options.webSocket.messageBytes)
  webSockets.on('headers', (headers, request) => {
    headers.push(`X-Request-ID: ${visits.get(request)?.requestId ?? ''}`)
  })
  // What ws finds wrong with a handshake is answered as every other refusal.
  webSockets.on('wsClientError', (cause, _socket, request) => {
    visits.get(request)?.refuse(malformed(cause))
  })

  const open = (request: IncomingMessage, socket: Duplex, rest: Buffer): void => {
    socket.on('error', () => undefined)
    const requestId = chooseRequestId(request.headers['x-request-id'])
    const refuse = (fault: unknown): void => {
      const refusal = toRefusal(fault, requestId, logger)
      recordHandshake(refusal, requestId, ports)
      socket.once('finish', () => socket.destroy())
      socket.end(writeRefusal(refusal, requestId))
    }
    try {
      const visitor = openVisit(request, requestId, handshake)
      visits.set(request, { requestId, refuse })
      webSockets.handleUpgrade(request, socket, rest, (webSocket) => {
        const connection = new Connection(webSocket, visitor, connectionParts)
        register.add(connection)
        webSocket.on('close', () => {
          register.remove(connection)
        })
      })
    } catch (fault) {
      refuse(fault)
    }
  }

  app.server.on('upgrade', (request, socket, rest) => {
    if (isHandshake(request)) open(request, socket, rest)
    else putBack(app.server, request, socket, rest)
  })
  drain.watch({
    beginDrain: () => {
      for (const connection of register) connection.drain()
    },
    cutOff: () => {
      for (const connection of register) connection.cutOff()
    },
  })
}

function createWebSocketServer(messageBytes: number): WebSocketServer {
  // Its types do not know all of its options.
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    // Compression costs memory per socket, and its bombs are not worth what it saves.
    perMessageDeflate: false,
    maxPayload: messageBytes,
    closeTimeout: CLOSE_TIMEOUT_MS,
    handleProtocols: (protocols) =>
      protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  }
  return new WebSocketServer(options)
}

/** Everything else that offers an upgrade is served as if it did not. */
function isHandshake({ method, url = '', headers }: IncomingMessage): boolean {
  if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket') return false
  return url === PATH || url.startsWith(`${PATH}?`)
}

function malformed(cause: Error): GatewayError {
  return new GatewayError('BAD_REQUEST', 'The WebSocket handshake is malformed.', {
    cause,
    headers: { 'sec-websocket-version': '13' },
  })
}
