import type { FastifyReply } from 'fastify'
import { GatewayError, toAnswerErrors } from '../kernel/gateway-error.js'
import type { Logger } from '../kernel/ports/logger.js'
import { PROBLEM_MEDIA_TYPE, toProblem } from '../kernel/problem.js'
import { negotiateAnswer } from './media-type.js'

/** What Fastify and Node call their errors → what we call them. */
const FRAMEWORK_CODES: ReadonlyMap<string, GatewayError['code']> = new Map([
  ['FST_ERR_BAD_URL', 'BAD_REQUEST'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'URI_TOO_LONG'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'UNSUPPORTED_MEDIA_TYPE'],
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'PAYLOAD_TOO_LARGE'],
])

/**
 * Turns whatever was thrown before or after the line into a refusal of ours.
 *
 * An unknown fault is masked and logged under the request id; the client learns nothing of it (contract §6).
 */
export function toRefusal(fault: unknown, requestId: string, logger: Logger): GatewayError {
  if (fault instanceof GatewayError) return fault
  const code = FRAMEWORK_CODES.get(codeOf(fault))
  if (code !== undefined) {
    return new GatewayError(code, 'The request could not be understood.', { cause: fault })
  }
  logger.error({ requestId, err: fault }, 'unexpected fault in the listener')
  return new GatewayError('INTERNAL_SERVER_ERROR', 'An unexpected fault occurred.', { cause: fault })
}

/** Sends a refusal: as a GraphQL answer on the GraphQL route, as a problem everywhere else. */
export function sendRefusal(reply: FastifyReply, refusal: GatewayError): FastifyReply {
  const { request } = reply
  reply.code(refusal.status).headers(refusal.headers ?? {})
  if (request.routeOptions.config.graphql !== true) {
    return reply.type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(toProblem(refusal, request.id)))
  }
  const mediaType = negotiateAnswer(request.headers.accept) ?? 'application/json'
  return reply.type(`${mediaType}; charset=utf-8`).send(JSON.stringify({ errors: toAnswerErrors(refusal) }))
}

function codeOf(fault: unknown): string {
  const code: unknown = fault instanceof Error && 'code' in fault ? fault.code : undefined
  return typeof code === 'string' ? code : ''
}
