import { GatewayError } from '../../kernel/gateway-error.js'
import { PlanningInterrupted } from './planning-interrupted.js'

/** What clients are told about a failed planning, and for how long. */
export interface PlanFailure {
  readonly refusal: GatewayError
  /** Zero: not a moment. */
  readonly rememberMs: number
}

/** What a planner says against an operation stays true as long as the supergraph. */
const ALWAYS_MS = Number.MAX_SAFE_INTEGER

/** Long enough that one operation cannot keep a planner busy, short enough to try again when the machine rests. */
const INTERRUPTED_MS = 30_000

/** Turns the error of a planner into a refusal; why it failed is for the log. */
export function toPlanFailure(error: unknown): PlanFailure {
  const reason = error instanceof PlanningInterrupted ? error.reason : undefined
  switch (reason) {
    case undefined:
      return { refusal: notPlanned(error), rememberMs: ALWAYS_MS }
    case 'timeout':
    case 'crash':
      return { refusal: notPlanned(error), rememberMs: INTERRUPTED_MS }
    case 'closed':
      return { refusal: notPlanned(error), rememberMs: 0 }
    case 'busy':
      return { refusal: tooMany(error), rememberMs: 0 }
  }
}

function notPlanned(cause: unknown): GatewayError {
  return new GatewayError('QUERY_PLANNING_FAILED', 'The operation could not be planned.', { cause })
}

function tooMany(cause: unknown): GatewayError {
  return new GatewayError(
    'REQUEST_CONCURRENCY_LIMITED',
    'Too many new operations are waiting to be planned.',
    {
      cause,
      headers: { 'retry-after': '1' },
    },
  )
}
