import { mapSchema } from '@graphql-tools/utils'
import { GraphQLError, responsePathAsArray, type GraphQLResolveInfo } from 'graphql'
import {
  millisecondsToSeconds,
  rateLimitDirective,
  type RateLimitOptions,
  type RateLimitKeyGenerator,
  type RateLimitOnLimit,
  type RateLimitPointsCalculator,
} from 'graphql-rate-limit-directive'
import type { IRateLimiterOptions, RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Logger } from '../kernel/ports/logger.js'
import type { RateCounter } from '../kernel/ports/rate-counter.js'
import type { PolicyCheck, PolicyContext, PolicySchema, ToDenial } from '../kernel/policy-schema.js'

/** What the directive's functions find as context value. */
export interface FieldLimitContext extends PolicyContext {
  readonly callerKey: string
  /** The occurrences counted so far, each by its place in the response and its object type. */
  readonly counted: Set<string>
}

/** Thrown where the library would throw an error without code or wait. */
class FieldLimitReached extends Error {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super('A field limit is reached.')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Puts graphql-rate-limit-directive, unmodified, on the policy schema. */
export function createFieldLimitCheck(
  policySchema: PolicySchema,
  directiveName: string,
  { counter, logger }: { readonly counter: RateCounter; readonly logger: Logger },
): PolicyCheck {
  const options: RateLimitOptions<FieldLimitContext, IRateLimiterOptions> = {
    name: directiveName,
    limiterClass: toLimiterClass(counter),
    limiterOptions: { keyPrefix: 'field' },
    keyGenerator,
    pointsCalculator,
    onLimit,
  }
  const { rateLimitDirectiveTransformer } = rateLimitDirective(options)
  // The library wraps the fields of a limited type in place; on a copy, other checks stay untouched.
  return policySchema.check(
    (schema) => rateLimitDirectiveTransformer(mapSchema(schema, {})),
    toDenial(logger),
  )
}

/**
 * The library makes its limiters with `new`, one for each limit and duration; these come from our counter.
 *
 * A constructor that returns an object gives that object in place of the instance (ECMA-262 §10.2.2).
 */
function toLimiterClass(counter: RateCounter): typeof RateLimiterAbstract {
  const Limiter = function (options: IRateLimiterOptions): RateLimiterAbstract {
    return counter.createLimiter({
      keyPrefix: options.keyPrefix ?? 'field',
      points: options.points,
      duration: options.duration,
    })
  }
  return Limiter as unknown as typeof RateLimiterAbstract
}

/** The coordinate stands in the key because the store's key has neither limit nor duration in it. */
const keyGenerator: RateLimitKeyGenerator<FieldLimitContext> = (_limit, _source, _args, context, info) =>
  `${info.parentType.name}.${info.fieldName}:${context.callerKey}`

/**
 * One point for each occurrence in the operation.
 *
 * The policy schema walks through every object type that an abstract field could return, and so may meet one
 * occurrence several times; after the first it is free, and shares the fate of the first by its path.
 */
const pointsCalculator: RateLimitPointsCalculator<FieldLimitContext> = (_l, _s, _a, { counted }, info) => {
  const place = toPlace(info)
  if (counted.has(place)) return 0
  counted.add(place)
  return 1
}

function toPlace({ path, parentType, fieldName }: GraphQLResolveInfo): string {
  const keys = responsePathAsArray(path).filter((key) => typeof key === 'string')
  return `${keys.join('/')} ${parentType.name}.${fieldName}`
}

const onLimit: RateLimitOnLimit<FieldLimitContext> = (result) => {
  throw new FieldLimitReached(Math.max(1, millisecondsToSeconds(result.msBeforeNext)))
}

/** A fault is not a limit: the field is refused as an internal error, and the log has the cause. */
function toDenial(logger: Logger): ToDenial {
  return (error, coordinate) => {
    const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
    if (cause instanceof FieldLimitReached) {
      const { retryAfterSeconds } = cause
      return {
        code: 'FIELD_RATE_LIMITED',
        message: `Too many requests for ${coordinate}, try again in ${retryAfterSeconds} seconds.`,
        extensions: { retryAfterSeconds },
      }
    }
    logger.error({ err: cause, coordinate }, 'A field limit could not be checked.')
    return { code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error.' }
  }
}
