import type { ErrorCode } from './error-catalogue.js'
import { GatewayError } from './gateway-error.js'
import type { JsonObject } from './json.js'
import type { ResponseHead } from './response-head.js'

/**
 * Refuses for now, and says in `Retry-After` and in the error's extensions after how many seconds to come again.
 *
 * In both, because a message on a socket or in a stream has no headers.
 */
export function retryLater(
  head: ResponseHead,
  seconds: number,
  code: ErrorCode,
  message: string,
  extensions?: JsonObject,
): GatewayError {
  head.set('retry-after', String(seconds))
  return new GatewayError(code, message, { extensions: { retryAfterSeconds: seconds, ...extensions } })
}

/** Whole seconds, and never "at once" (RFC 9110 §10.2.3). */
export function toRetrySeconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1_000))
}
