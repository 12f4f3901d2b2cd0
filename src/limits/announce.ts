import type { Admission } from '../kernel/decisions.js'
import type { GatewayError } from '../kernel/gateway-error.js'
import type { Standing, Verdict } from '../kernel/ports/limit-store.js'
import type { ResponseHead } from '../kernel/response-head.js'
import { retryLater, toRetrySeconds } from '../kernel/retry-later.js'
import type { AppliedLimits } from './applied-limits.js'

export const UNLIMITED: Admission = { limit: Infinity, remaining: Infinity, resetSeconds: 0 }

/**
 * Says on the response how all limits stand, on admission and refusal alike, and returns the tightest.
 *
 * `RateLimit` and `RateLimit-Policy` list all of them (draft-ietf-httpapi-ratelimit-headers); `X-RateLimit-*`, which
 * have room for one, say that of which the fewest are left (contract §5). What was said before stays: `before` is the
 * admission by limits that were asked earlier.
 */
export function announce(
  head: ResponseHead,
  { limits, policy }: AppliedLimits,
  { standings }: Pick<Verdict, 'standings'>,
  before: Admission = UNLIMITED,
): Admission {
  let list = head.get('ratelimit') ?? ''
  let tightest = before
  let wasTightened = false
  for (let index = 0; index < limits.length; index += 1) {
    const limit = limits[index]
    const standing = standings[index]
    if (limit === undefined || standing === undefined) continue
    const resetSeconds = toRetrySeconds(standing.resetMs)
    list += `${list === '' ? '' : ', '}"${limit.name}";r=${standing.remaining};t=${resetSeconds}`
    if (standing.remaining < tightest.remaining) {
      tightest = { limit: limit.quota, remaining: standing.remaining, resetSeconds }
      wasTightened = true
    }
  }
  if (list === '') return before
  const policies = head.get('ratelimit-policy')
  head.set('ratelimit-policy', policies === undefined ? policy : `${policies}, ${policy}`)
  head.set('ratelimit', list)
  if (wasTightened) {
    head.set('x-ratelimit-limit', String(tightest.limit))
    head.set('x-ratelimit-remaining', String(tightest.remaining))
    head.set('x-ratelimit-reset', String(tightest.resetSeconds))
  }
  return tightest
}

/** The refusal of a verdict, with the time after which all limits that refused would admit. */
export function toRefusal(head: ResponseHead, { standings, isUnavailable }: Verdict): GatewayError {
  const seconds = toRetrySeconds(Math.max(...standings.map(waitOf)))
  return isUnavailable
    ? retryLater(head, seconds, 'LIMITS_UNAVAILABLE', 'The limits cannot be checked at the moment.')
    : retryLater(head, seconds, 'REQUEST_RATE_LIMITED', `Too many requests, try again in ${seconds} seconds.`)
}

function waitOf(standing: Standing | undefined): number {
  return standing?.waitMs ?? 0
}
