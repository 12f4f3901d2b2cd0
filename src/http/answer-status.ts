import type { ErrorCode } from '../kernel/error-catalogue.js'
import type { Reply } from '../kernel/reply.js'
import type { AnswerMediaType } from './media-type.js'

/** A well-formed request that failed as GraphQL: 200 in application/json (GraphQL over HTTP §6.4.1). */
const GRAPHQL_FAILURES = new Set<ErrorCode>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
])

/**
 * The status with which a reply goes out (contract §6).
 *
 * Clients that ask for application/json may be old enough to take any other status for a proxy's error, so the
 * draft gives them 200 for parse, validation and coercion failures; every other refusal keeps its status.
 */
export function answerStatus(reply: Reply, mediaType: AnswerMediaType): number {
  if (mediaType === 'application/json' && reply.refusal && GRAPHQL_FAILURES.has(reply.refusal.code)) {
    return 200
  }
  return reply.status
}
