import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.js'
import type { GatewayError } from './gateway-error.js'
import type { JsonObject } from './json.js'
import type { RouteResponse } from './route.js'

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** The JSON of a refusal outside GraphQL (RFC 9457 §3), with our code and the request id as extension members. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly requestId: string
  /** Extensions of the error, such as `retryAfterMs`. */
  readonly [member: string]: JsonObject[string]
}

/** Writes a refusal as a problem; the members of RFC 9457 win over extensions of the same name. */
export function toProblem(error: GatewayError, requestId: string): Problem {
  return {
    ...error.extensions,
    type: `urn:gatehouse:error:${error.code}`,
    title: ERROR_CATALOGUE[error.code].title,
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId,
  }
}

/** The whole answer of a route that refuses, headers of the refusal included. */
export function toProblemResponse(error: GatewayError, requestId: string): RouteResponse {
  return {
    status: error.status,
    headers: { ...error.headers, 'content-type': PROBLEM_MEDIA_TYPE },
    body: JSON.stringify(toProblem(error, requestId)),
  }
}
