import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import { GatewayError } from '../../kernel/gateway-error.js'
import { shuttingDown } from '../../kernel/out-of-service.js'
import type { ReadCaller } from '../arrival.js'
import { isOwnOrigin } from '../cookie-credential.js'
import type { HttpOptions } from '../options.js'
import { assertHead } from '../request-head.js'
import type { SocketRegister } from './socket-register.js'
import type { Visitor } from './visitor.js'

export interface HandshakeParts {
  readonly limits: HttpOptions['limits']
  readonly readCaller: ReadCaller
  /** Says whether pages of another origin may call. */
  readonly isOriginAllowed: (origin: string) => boolean
  readonly isDraining: () => boolean
  readonly register: SocketRegister
}

/** Longest handshake id that the ids of operations still begin with: an id has at most 128 characters (contract §5). */
const PREFIX_CHARACTERS = 110

/**
 * Judges who wants to open a socket; raises a GatewayError, which is answered over HTTP.
 *
 * Browsers let every page open a WebSocket to anywhere, cookies included, and ask nobody. So the origin is judged here:
 * a page of an origin that is neither our own nor allowed to call is refused, with a cookie or without. Whether an
 * allowed one may use the cookie as well is left to the identify stage, as over HTTP: it may bring a token of its own.
 */
export function openVisit(request: IncomingMessage, requestId: string, parts: HandshakeParts): Visitor {
  assertHead(request, parts.limits)
  if (parts.isDraining()) throw shuttingDown()
  assertProtocol(request.headers['sec-websocket-protocol'])
  const caller = parts.readCaller(request)
  const { origin, host } = request.headers
  if (origin !== undefined && !isOwnOrigin(origin, host) && !parts.isOriginAllowed(origin)) {
    throw new GatewayError('FORBIDDEN', 'Pages of this origin may not open a socket here.')
  }
  parts.register.assertRoom(caller.client.address)
  return {
    ...caller,
    requestId,
    operationPrefix: requestId.length <= PREFIX_CHARACTERS ? requestId : randomUUID(),
  }
}

/**
 * A client that offers protocols has to break off when none of them is chosen (RFC 6455 §4.1), so it is refused where it
 * can read why. One that offers none learns it from the close code.
 */
function assertProtocol(offered: string | undefined): void {
  const protocols = offered?.split(',').map((each) => each.trim()) ?? []
  if (protocols.length === 0 || protocols.includes(GRAPHQL_TRANSPORT_WS_PROTOCOL)) return
  throw new GatewayError('BAD_REQUEST', `The subprotocol must be ${GRAPHQL_TRANSPORT_WS_PROTOCOL}.`)
}
