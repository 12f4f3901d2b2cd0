import type { RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { Admitted, Identified } from '../kernel/contexts.js'
import type { Admission } from '../kernel/decisions.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { RateCounter } from '../kernel/ports/rate-counter.js'
import type { ResponseHead } from '../kernel/response-head.js'
import type { Stage } from '../kernel/stage.js'
import { toCallerKey } from './caller-key.js'
import { tierOf, type CallerTier } from './caller-tier.js'
import type { LimitsOptions } from './options.js'

export interface RequestLimits {
  readonly stage: Stage<Identified, Admitted>
}

/** What one kind of caller may do: the same numbers for all of them, counted for each. */
interface Allowance {
  readonly limiter: RateLimiterAbstract
  readonly limit: number
  /** `"default";q=600;w=60`, made once. */
  readonly policy: string
}

type AllowanceTable = Readonly<Record<CallerTier, Allowance>>

const UNLIMITED: Admission = { limit: Infinity, remaining: Infinity, resetSeconds: 0 }

/**
 * Makes the limitRequest stage: so many requests per window and caller, before anything is parsed.
 *
 * Tells the caller in both common header forms, on admission and refusal alike: `RateLimit` of
 * draft-ietf-httpapi-ratelimit-headers and `X-RateLimit-*` (contract §5).
 */
export function createRequestLimits(
  options: LimitsOptions,
  { counter }: { readonly counter: RateCounter },
): RequestLimits {
  const { enabled, windowSeconds, perWindow } = options.requests
  if (!enabled) {
    return { stage: { name: 'limitRequest', run: (context) => ({ ...context, admission: UNLIMITED }) } }
  }
  const allow = (kind: keyof AllowanceTable): Allowance => ({
    limiter: counter.createLimiter({
      keyPrefix: `requests:${kind}`,
      points: perWindow[kind],
      duration: windowSeconds,
    }),
    limit: perWindow[kind],
    policy: `"default";q=${perWindow[kind]};w=${windowSeconds}`,
  })
  const table: AllowanceTable = {
    anonymous: allow('anonymous'),
    free: allow('free'),
    pro: allow('pro'),
    enterprise: allow('enterprise'),
  }
  return { stage: { name: 'limitRequest', run: (context) => admit(context, table) } }
}

function admit(context: Identified, table: AllowanceTable): Promise<Admitted> {
  const allowance = table[tierOf(context.principal)]
  return allowance.limiter.consume(toCallerKey(context)).then(
    (result) => {
      const admission = toAdmission(result, allowance)
      announce(context.responseHead, admission, allowance)
      return { ...context, admission }
    },
    (refusal: unknown) => {
      throw toRefusal(refusal, context, allowance)
    },
  )
}

function toAdmission(result: RateLimiterRes, { limit }: Allowance): Admission {
  return {
    limit,
    remaining: result.remainingPoints,
    resetSeconds: Math.max(1, Math.ceil(result.msBeforeNext / 1_000)),
  }
}

/** A limiter rejects with its result when the points are used up; an Error is a fault and stays one. */
function toRefusal(refusal: unknown, { responseHead }: Identified, allowance: Allowance): unknown {
  if (refusal instanceof Error) return refusal
  const admission = toAdmission(refusal as RateLimiterRes, allowance)
  const { resetSeconds } = admission
  announce(responseHead, admission, allowance)
  responseHead.set('retry-after', String(resetSeconds))
  return new GatewayError(
    'REQUEST_RATE_LIMITED',
    `Too many requests, try again in ${resetSeconds} seconds.`,
    {
      extensions: { retryAfterSeconds: resetSeconds },
    },
  )
}

function announce(head: ResponseHead, admission: Admission, { policy, limit }: Allowance): void {
  const remaining = String(admission.remaining)
  const reset = String(admission.resetSeconds)
  head.set('ratelimit-policy', policy)
  head.set('ratelimit', `"default";r=${remaining};t=${reset}`)
  head.set('x-ratelimit-limit', String(limit))
  head.set('x-ratelimit-remaining', remaining)
  head.set('x-ratelimit-reset', reset)
}
