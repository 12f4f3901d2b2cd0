import { createHash } from 'node:crypto'
import type { AnswerBody } from '../kernel/answer.js'
import { bearerChallenge } from '../kernel/bearer-challenge.js'
import { ERROR_CATALOGUE, type ErrorCode } from '../kernel/error-catalogue.js'
import { GatewayError, type AnswerError } from '../kernel/gateway-error.js'
import type { Reply } from '../kernel/reply.js'
import type { RouteResponse } from '../kernel/route.js'
import type { Endpoint, PresentContext } from './define-endpoint.js'

/**
 * Presents the line's reply as the endpoint's response.
 *
 * A refusal, or a required part that is missing, is thrown as a GatewayError and becomes a problem; anything
 * else that is missing leaves the answer incomplete, which `x-bff-complete` says.
 */
export function presentReply(
  endpoint: Endpoint,
  reply: Reply,
  variables: PresentContext['variables'],
): RouteResponse {
  if (reply.refusal !== undefined) throw reply.refusal
  const body = reply.answer.body
  assertRequired(endpoint, body, reply)
  const complete = body.errors === undefined || body.errors.length === 0
  const text = JSON.stringify(endpoint.present(body.data, { variables, complete }))
  return {
    status: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-bff-complete': String(complete),
      ...(endpoint.method === 'GET' ? { etag: etagOf(text) } : {}),
    },
    body: text,
  }
}

/** Says whether the client already has this representation (RFC 9110 §13.1.2, weak comparison). */
export function isUnmodified(ifNoneMatch: string | undefined, etag: string | undefined): boolean {
  if (ifNoneMatch === undefined || etag === undefined) return false
  return ifNoneMatch.split(',').some((candidate) => {
    const value = candidate.trim()
    return value === '*' || value.replace(/^W\//, '') === etag
  })
}

function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`
}

function assertRequired(endpoint: Endpoint, body: AnswerBody, reply: Reply): void {
  if (body.data === null || body.data === undefined) throw toRefusal(body.errors?.[0], reply)
  for (const key of endpoint.required) {
    if (body.data[key] !== null && body.data[key] !== undefined) continue
    const error = body.errors?.find((candidate) => candidate.path?.[0] === key)
    throw error === undefined
      ? new GatewayError('NOT_FOUND', 'Nothing was found here.')
      : toRefusal(error, reply)
  }
}

/** What a required part's error means for the whole response. */
function toRefusal(error: AnswerError | undefined, reply: Reply): GatewayError {
  const code = error?.extensions.code
  if (error === undefined || code === undefined || !isCatalogued(code)) {
    return code === 'NOT_FOUND'
      ? new GatewayError('NOT_FOUND', 'Nothing was found here.')
      : new GatewayError('SUBREQUEST_HTTP_ERROR', 'A part that this endpoint needs is not available.')
  }
  if (code === 'UNAUTHORIZED_FIELD_OR_TYPE') {
    return reply.principal?.kind === 'anonymous'
      ? new GatewayError('UNAUTHENTICATED', 'This endpoint needs a credential.', {
          headers: { 'www-authenticate': bearerChallenge() },
        })
      : new GatewayError('FORBIDDEN', 'The credential does not allow this.', {
          // Whether scopes or a rule decided is not known here, so no error is named.
          headers: { 'www-authenticate': bearerChallenge() },
        })
  }
  return new GatewayError(code, error.message)
}

function isCatalogued(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CATALOGUE, code)
}
