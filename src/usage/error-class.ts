import { ERROR_CATALOGUE, type ErrorCode } from '../kernel/error-catalogue.js'
import type { Reply } from '../kernel/reply.js'
import type { UsageMeasure } from '../kernel/usage.js'

type ErrorMeasure = Extract<UsageMeasure, `${string}Errors`>

/** The gravest first: a request is counted once, under the gravest of its errors. */
const BY_GRAVITY: readonly ErrorMeasure[] = ['serverErrors', 'limitedErrors', 'deniedErrors', 'clientErrors']

/** Codes whose status is that of the partial answer they stand in. */
const IN_PARTIAL_ANSWERS: ReadonlyMap<string, ErrorMeasure> = new Map<ErrorCode, ErrorMeasure>([
  ['UNAUTHORIZED_FIELD_OR_TYPE', 'deniedErrors'],
  ['AUTHORIZATION_FAULT', 'serverErrors'],
])

/** Under what the errors of a reply are counted; undefined where it has none. */
export function errorClassOf({ refusal, answer }: Reply): ErrorMeasure | undefined {
  if (refusal !== undefined) return classOf(refusal.code)
  const { errors } = answer
  if (errors === undefined || errors.length === 0) return undefined
  const classes = new Set(errors.map(({ extensions }) => classOf(extensions.code)))
  return BY_GRAVITY.find((each) => classes.has(each))
}

/** A code that is not ours comes from a subgraph. */
function classOf(code: string): ErrorMeasure {
  const known = IN_PARTIAL_ANSWERS.get(code)
  if (known !== undefined) return known
  if (!Object.hasOwn(ERROR_CATALOGUE, code)) return 'serverErrors'
  const { status } = ERROR_CATALOGUE[code as ErrorCode]
  if (status >= 500) return 'serverErrors'
  if (status === 429) return 'limitedErrors'
  return status === 401 || status === 403 ? 'deniedErrors' : 'clientErrors'
}

/** Codes with which limits and quotas refuse; what an operation may cost at once is a matter of the operation. */
const OF_LIMITS: ReadonlySet<string> = new Set<ErrorCode>([
  'REQUEST_RATE_LIMITED',
  'FIELD_RATE_LIMITED',
  'QUOTA_EXCEEDED',
  'SUBSCRIPTION_MAX_LIMIT',
  'REQUEST_CONCURRENCY_LIMITED',
  'LIMITS_UNAVAILABLE',
])

/** Whether a limit or a quota refused the request as a whole: then it uses up no quota. */
export function isRefusedByLimits({ refusal }: Reply): boolean {
  return refusal !== undefined && OF_LIMITS.has(refusal.code)
}
