import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { GatewayError } from '../kernel/gateway-error.js'
import { PROBLEM_MEDIA_TYPE, toProblem } from '../kernel/problem.js'
import { chooseRequestId } from './request-id.js'

/**
 * Answers what Node's parser refused, before there was any request to route.
 *
 * `isAnswering` says that a response is already on its way on this socket: then nothing may be written into it,
 * and closing is the only honest answer.
 */
export function answerClientError(error: Error, socket: Socket, isAnswering: boolean): GatewayError {
  const refusal = toClientRefusal(error)
  if (socket.writable && !isAnswering) socket.end(writeRefusal(refusal, chooseRequestId(undefined)))
  else socket.destroy()
  return refusal
}

function toClientRefusal(error: Error): GatewayError {
  const code = 'code' in error ? error.code : undefined
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new GatewayError('HEADERS_TOO_LARGE', 'The head of the request is too large.', { cause: error })
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new GatewayError('REQUEST_TIMEOUT', 'The request did not arrive in time.', { cause: error })
  }
  return new GatewayError('BAD_REQUEST', 'The request is not valid HTTP.', { cause: error })
}

/** The whole response of a refusal, for where there is nothing but a socket to write to. */
export function writeRefusal(refusal: GatewayError, requestId: string): string {
  const body = JSON.stringify(toProblem(refusal, requestId))
  return [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'cache-control: no-store',
    'connection: close',
    ...Object.entries(refusal.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n')
}
