import type { Answer } from './answer.js'
import type { AnswerStream } from './answer-stream.js'
import type { Received } from './contexts.js'
import type { GatewayError } from './gateway-error.js'
import type { OperationRecord } from './operation.js'
import type { Principal } from './principal.js'

export type CacheStatus = 'HIT' | 'MISS' | 'STALE' | 'BYPASS'

/** What the line gives back to a front end, for success and refusal alike. */
export interface Reply {
  readonly answer: Answer
  /** The status of the outcome: 200 also for partial data; a refusal's own status otherwise. */
  readonly status: number
  /** The error that ended the request, if one did. */
  readonly refusal: GatewayError | undefined
  /** How far the caller and the operation became known; for the access log. */
  readonly principal: Principal | undefined
  readonly operation: OperationRecord | undefined
  readonly cacheStatus: CacheStatus
  /** What the operation cost, as far as that is known: absent where cost is not looked at. */
  readonly costUnits?: number | undefined
  /** The answers of a subscription that was let in; `answer` then holds nothing. Absent for all other operations. */
  readonly stream?: AnswerStream | undefined
}

/** The line of one generation: never rejects. */
export type RunOperation = (received: Received) => Promise<Reply>
