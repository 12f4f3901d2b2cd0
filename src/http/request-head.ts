import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../kernel/gateway-error.js'
import type { HttpOptions } from './options.js'

/** Fields of which two would be two answers to one question; Node would silently keep one of them. */
const SINGULAR = new Set(['authorization', 'content-encoding', 'content-type', 'host', 'x-api-key'])

/** Refuses a request whose head is too large, or can be read in two ways (RFC 9110 §7.2, §5.3). */
export function assertHead(request: IncomingMessage, limits: HttpOptions['limits']): void {
  const { rawHeaders, headers } = request
  const fields = rawHeaders.length / 2
  if (fields > limits.headerFields) {
    throw new GatewayError('HEADERS_TOO_LARGE', `The request has more than ${limits.headerFields} fields.`)
  }
  if ((request.url?.length ?? 0) > limits.urlBytes) {
    throw new GatewayError('URI_TOO_LONG', `The URL is longer than ${limits.urlBytes} bytes.`)
  }
  if (headers.host === undefined && request.httpVersion === '1.1') {
    throw new GatewayError('BAD_REQUEST', 'The request has no Host.')
  }
  // Only a request with a repeated name has fewer names than fields; others are not looked through.
  if (Object.keys(headers).length !== fields) assertSingular(rawHeaders)
}

function assertSingular(rawHeaders: readonly string[]): void {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    if (SINGULAR.has(name) && seen.has(name)) {
      throw new GatewayError('BAD_REQUEST', `The request has two ${name} fields.`)
    }
    seen.add(name)
  }
}
