import { GatewayError } from '../../kernel/gateway-error.js'
import { isRecord } from '../../kernel/is-record.js'
import type { JsonObject } from '../../kernel/json.js'
import type { OperationRequest } from '../../kernel/operation.js'
import { objectOrAbsent, readParameters, type RequestRules } from '../graphql-request.js'
import { assertShallow, parseJson } from '../parse-json.js'
import { SocketFault } from './socket-fault.js'

/** What a client may say (graphql-transport-ws, "Message types"). */
export type ClientMessage =
  | { readonly type: 'connection_init'; readonly payload: JsonObject | undefined }
  | { readonly type: 'ping'; readonly payload: JsonObject | undefined }
  | { readonly type: 'pong' }
  | { readonly type: 'subscribe'; readonly id: string; readonly request: OperationRequest }
  | { readonly type: 'complete'; readonly id: string }

/** Levels of a message around its variables. */
const LEVELS_AROUND = 2

/**
 * Reads a message; whatever is no message of the protocol is a fault of the socket, closed with 4400.
 *
 * The parameters of an operation are read by the code that reads a POST. Unlike the protocol's text, an operation may
 * come without `query` where `extensions` name a stored document, as over HTTP.
 */
export function readClientMessage(text: Buffer, rules: RequestRules): ClientMessage {
  try {
    const message = parseJson(text, 'The message')
    if (!isRecord(message)) throw new SocketFault('badRequest', 'A message must be a JSON object.')
    assertShallow(message, rules.depthLimit + LEVELS_AROUND, 'The message')
    return toClientMessage(message, rules)
  } catch (error) {
    throw error instanceof GatewayError ? new SocketFault('badRequest', error.message) : error
  }
}

function toClientMessage(message: JsonObject, rules: RequestRules): ClientMessage {
  const { type } = message
  switch (type) {
    case 'connection_init':
    case 'ping':
      return { type, payload: objectOrAbsent('payload', message['payload']) }
    case 'pong':
      objectOrAbsent('payload', message['payload'])
      return { type }
    case 'complete':
      return { type, id: readId(message) }
    case 'subscribe':
      return { type, id: readId(message), request: readRequest(message, rules) }
    default:
      throw new SocketFault('badRequest', 'The message has no `type` that a client may send.')
  }
}

function readId({ id }: JsonObject): string {
  if (typeof id === 'string' && id !== '') return id
  throw new SocketFault('badRequest', 'The message has no `id`.')
}

function readRequest({ payload }: JsonObject, rules: RequestRules): OperationRequest {
  if (isRecord(payload)) return readParameters(payload, rules)
  throw new SocketFault('badRequest', '`payload` must be an object.')
}
