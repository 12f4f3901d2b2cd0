import { Answer } from '../kernel/answer.js'
import type { Received } from '../kernel/contexts.js'
import { GatewayError, toAnswerErrors } from '../kernel/gateway-error.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { CacheStatus, Reply } from '../kernel/reply.js'
import type { Progress } from './progress.js'

/** Turns whatever ended a request into its reply. */
export type Refuse = (error: unknown, received: Received, progress: Progress) => Reply

/**
 * Makes the one place where an error becomes an answer.
 *
 * A GatewayError is a refusal and goes out as it is. Anything else is a fault of ours: it is masked, logged
 * with the request id, and becomes INTERNAL_SERVER_ERROR (contract §6).
 */
export function createRefuse(logger: Logger, metrics: Metrics): Refuse {
  return function refuse(error, received, progress) {
    const refusal = error instanceof GatewayError ? error : masked(error, received.requestId, logger)
    if (refusal.status >= 500 && refusal.cause !== undefined && error === refusal) {
      logger.warn({ requestId: received.requestId, code: refusal.code, err: refusal.cause }, 'request failed')
    }
    metrics.countError(refusal.code)
    return {
      answer: Answer.fromBody({ errors: toAnswerErrors(refusal) }),
      status: refusal.status,
      refusal,
      principal: progress.principal,
      operation: progress.operation,
      cacheStatus: 'BYPASS',
      costUnits: progress.costUnits,
    }
  }
}

/** The reply of an operation that came to its end, whole or in part. */
export function answered(answer: Answer, cacheStatus: CacheStatus, progress: Progress): Reply {
  return {
    answer,
    status: 200,
    refusal: undefined,
    principal: progress.principal,
    operation: progress.operation,
    cacheStatus,
    costUnits: progress.costUnits,
  }
}

function masked(error: unknown, requestId: string, logger: Logger): GatewayError {
  logger.error({ requestId, err: error }, 'unexpected fault in the line')
  return new GatewayError('INTERNAL_SERVER_ERROR', 'An unexpected fault occurred.', {
    cause: error,
    extensions: { requestId },
  })
}
