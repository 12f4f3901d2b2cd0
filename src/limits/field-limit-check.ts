import { mapSchema, MapperKind } from '@graphql-tools/utils'
import { GraphQLError, responsePathAsArray, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql'
import {
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
import { toRetrySeconds } from '../kernel/retry-later.js'
import { keyOfArguments, weightOfArguments } from './counted-arguments.js'
import type { FieldLimit } from './rate-limit-directive.js'

/** Which fields of an operation are counted: the root fields of a subscription at its opening, the others in each event. */
export type CountedFields = 'all' | 'root' | 'belowRoot'

/** What the directive's functions find as context value. */
export interface FieldLimitContext extends PolicyContext {
  readonly callerKey: string
  readonly counts: CountedFields
  /** The occurrences counted so far, each by its place in the response and its object type. */
  readonly counted: Set<string>
}

/** By `Type.field`. */
type Limits = ReadonlyMap<string, FieldLimit>

/** Thrown where the library would throw an error without code or wait. */
class FieldLimitReached extends Error {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super('A field limit is reached.')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Thrown for a call that no wait would help. */
class FieldWeightTooLarge extends Error {
  readonly weight: number
  readonly limit: number

  constructor(weight: number, limit: number) {
    super('A call weighs more than its limit.')
    this.weight = weight
    this.limit = limit
  }
}

/** Puts graphql-rate-limit-directive, unmodified, on the policy schema. */
export function createFieldLimitCheck(
  policySchema: PolicySchema,
  { directiveName, limits }: { readonly directiveName: string; readonly limits: Limits },
  { counter, logger }: { readonly counter: RateCounter; readonly logger: Logger },
): PolicyCheck {
  const options: RateLimitOptions<FieldLimitContext, IRateLimiterOptions> = {
    name: directiveName,
    limiterClass: toLimiterClass(counter),
    limiterOptions: { keyPrefix: 'field' },
    keyGenerator: createKeyGenerator(limits),
    pointsCalculator: createPointsCalculator(limits),
    onLimit: createOnLimit(limits),
  }
  const { rateLimitDirectiveTransformer } = rateLimitDirective(options)
  // The library wraps the fields of a limited type in place; on a copy, other checks stay untouched.
  return policySchema.check(
    (schema) => rateLimitDirectiveTransformer(spellOut(schema, directiveName, limits)),
    toDenial(logger, limits),
  )
}

/** A copy in which every limited field has the limit in the library's own spelling, wherever it was written. */
function spellOut(schema: GraphQLSchema, directiveName: string, limits: Limits): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, fieldName, typeName) => {
      const limit = limits.get(`${typeName}.${fieldName}`)
      if (limit === undefined) return field
      const directives = { [directiveName]: { limit: limit.limit, duration: limit.seconds } }
      return { ...field, extensions: { ...field.extensions, directives } }
    },
  })
}

/**
 * The library makes its limiters with `new`, one for each limit and duration; these come from our counter.
 *
 * A constructor that returns an object gives that object in place of the instance (ECMA-262 §10.2.2).
 */
function toLimiterClass(counter: RateCounter): typeof RateLimiterAbstract {
  const Limiter = function (options: IRateLimiterOptions): RateLimiterAbstract {
    return withoutRefused(
      counter.createLimiter({
        keyPrefix: options.keyPrefix ?? 'field',
        points: options.points,
        duration: options.duration,
      }),
    )
  }
  return Limiter as unknown as typeof RateLimiterAbstract
}

/** A call that is refused for its weight leaves what there is to lighter ones. */
function withoutRefused(limiter: RateLimiterAbstract): RateLimiterAbstract {
  return Object.assign(Object.create(limiter) as RateLimiterAbstract, {
    consume: (key: string, points = 1) =>
      limiter.consume(key, points).catch(async (refusal: unknown) => {
        if (points > 1 && !(refusal instanceof Error)) await limiter.reward(key, points)
        throw refusal
      }),
  })
}

/** The coordinate stands in the key because the store's key has neither limit nor duration in it. */
function createKeyGenerator(limits: Limits): RateLimitKeyGenerator<FieldLimitContext> {
  return (_limit, _source, args, context, info) => {
    const coordinate = coordinateOf(info)
    const limit = limits.get(coordinate)
    return `${coordinate}:${context.callerKey}${limit ? keyOfArguments(limit, args) : ''}`
  }
}

/**
 * One point for each occurrence in the operation, or as many as an argument says.
 *
 * The policy schema walks through every object type that an abstract field could return, and so may meet one
 * occurrence several times; after the first it is free, and shares the fate of the first by its path.
 */
function createPointsCalculator(limits: Limits): RateLimitPointsCalculator<FieldLimitContext> {
  return (_limit, _source, args, { counted, counts }, info) => {
    if (!isCounted(counts, info)) return 0
    const place = toPlace(info)
    if (counted.has(place)) return 0
    counted.add(place)
    const limit = limits.get(coordinateOf(info))
    return limit ? weightOfArguments(limit, args) : 1
  }
}

function isCounted(counts: CountedFields, { path }: GraphQLResolveInfo): boolean {
  return counts === 'all' || (counts === 'root') === (path.prev === undefined)
}

function coordinateOf({ parentType, fieldName }: GraphQLResolveInfo): string {
  return `${parentType.name}.${fieldName}`
}

function toPlace(info: GraphQLResolveInfo): string {
  const keys = responsePathAsArray(info.path).filter((key) => typeof key === 'string')
  return `${keys.join('/')} ${coordinateOf(info)}`
}

function createOnLimit(limits: Limits): RateLimitOnLimit<FieldLimitContext> {
  return (result, _limit, _source, args, _context, info) => {
    const limit = limits.get(coordinateOf(info))
    const weight = limit ? weightOfArguments(limit, args) : 1
    if (limit && weight > limit.limit) throw new FieldWeightTooLarge(weight, limit.limit)
    throw new FieldLimitReached(toRetrySeconds(result.msBeforeNext))
  }
}

/** A fault is not a limit: the field is refused as an internal error, and the log has the cause. */
function toDenial(logger: Logger, limits: Limits): ToDenial {
  return (error, coordinate) => {
    const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
    if (cause instanceof FieldLimitReached) {
      const { retryAfterSeconds } = cause
      return {
        code: 'FIELD_RATE_LIMITED',
        message:
          limits.get(coordinate)?.message ??
          `Too many requests for ${coordinate}, try again in ${retryAfterSeconds} seconds.`,
        extensions: { retryAfterSeconds },
      }
    }
    if (cause instanceof FieldWeightTooLarge) {
      const { weight, limit } = cause
      return {
        code: 'FIELD_RATE_LIMITED',
        message: `One request for ${coordinate} counts ${weight}, more than the ${limit} that its limit allows at once.`,
      }
    }
    logger.error({ err: cause, coordinate }, 'A field limit could not be checked.')
    return { code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error.' }
  }
}
