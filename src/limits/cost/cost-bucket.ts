import type { Authorized } from '../../kernel/contexts.js'
import type { GatewayError } from '../../kernel/gateway-error.js'
import type { Budget, Claim, LimitStore, Standing, Verdict } from '../../kernel/ports/limit-store.js'
import type { ResponseHead } from '../../kernel/response-head.js'
import { retryLater, toRetrySeconds } from '../../kernel/retry-later.js'
import { andThenWith } from '../../kernel/stage.js'
import { toPolicy } from '../applied-limits.js'
import { toCallerKey } from '../caller-key.js'
import { tierOf, type CallerTier } from '../caller-tier.js'
import type { CostOptions } from './options.js'

/** Returns points of a charge that were not needed. */
export type GiveBack = (unused: number) => void

/**
 * Takes an estimate from the caller's bucket; raises REQUEST_RATE_LIMITED where the bucket does not hold as much.
 *
 * Undefined where nothing was taken.
 */
export type TakeCost = (
  context: Authorized,
  estimated: number,
) => GiveBack | undefined | Promise<GiveBack | undefined>

/**
 * Makes the buckets of cost: each caller's refills steadily, and pays for what he asks by its estimate.
 *
 * What turns out to be cheaper is given back. Where Redis is away, this process counts alone.
 */
export function createCostBucket({ bucket }: CostOptions, store: LimitStore): TakeCost {
  const { enabled, windowSeconds, perWindow, burst } = bucket
  if (!enabled) return () => undefined
  const budgetOf = (tier: CallerTier): Budget => ({
    name: `cost:${tier}`,
    algorithm: 'tokenBucket',
    limit: perWindow[tier],
    windowMs: windowSeconds * 1_000,
    burst: burst[tier],
    forgivesDebt: true,
    onStoreFailure: 'local',
  })
  const budgets: Readonly<Record<CallerTier, Budget>> = {
    anonymous: budgetOf('anonymous'),
    free: budgetOf('free'),
    pro: budgetOf('pro'),
    enterprise: budgetOf('enterprise'),
  }

  function settle(verdict: Verdict, { responseHead }: Authorized, { budget, points }: Claim): GiveBack {
    const [standing] = verdict.standings
    if (standing) announce(responseHead, budget, standing)
    if (!verdict.isAdmitted) throw refusal(responseHead, points, standing)
    return (unused) => {
      const whole = Math.min(points, Math.floor(unused))
      if (whole <= 0) return
      store.giveBack(verdict, 0, whole)
      if (standing) announceAgain(responseHead, standing, whole)
    }
  }

  return (context, estimated) => {
    const points = Math.ceil(estimated)
    if (points <= 0) return undefined
    const budget = budgets[tierOf(context.principal)]
    const subject = toCallerKey(context)
    const claim = { budget, subject, points }
    return andThenWith(store.take(subject, [claim]), settle, context, claim)
  }
}

function refusal(head: ResponseHead, costEstimated: number, standing: Standing | undefined): GatewayError {
  const seconds = toRetrySeconds(standing?.waitMs ?? 0)
  return retryLater(
    head,
    seconds,
    'REQUEST_RATE_LIMITED',
    `The operation is estimated to cost ${costEstimated}, more than is left to you now; try again in ${seconds} seconds.`,
    { costEstimated },
  )
}

/** Beside the limits on requests, in the form that holds several (draft-ietf-httpapi-ratelimit-headers). */
function announce(head: ResponseHead, budget: Budget, standing: Standing): void {
  append(head, 'ratelimit-policy', toPolicy('cost', budget))
  append(head, 'ratelimit', toItem(standing))
}

/** As it stands with what came back: reckoned here, for nobody waits for a store to hear what it has. */
function announceAgain(head: ResponseHead, standing: Standing, returned: number): void {
  const { remaining, resetMs, used } = standing
  const told = head.get('ratelimit') ?? ''
  const before = toItem(standing)
  // A class of requests may have the same name; ours came last.
  const at = told.lastIndexOf(before)
  if (at < 0) return
  const share = used > returned ? (used - returned) / used : 0
  const now = toItem({ remaining: remaining + returned, resetMs: resetMs * share })
  head.set('ratelimit', told.slice(0, at) + now + told.slice(at + before.length))
}

function toItem({ remaining, resetMs }: Pick<Standing, 'remaining' | 'resetMs'>): string {
  return `"cost";r=${Math.max(0, remaining)};t=${Math.ceil(resetMs / 1_000)}`
}

function append(head: ResponseHead, name: string, item: string): void {
  const before = head.get(name)
  head.set(name, before === undefined ? item : `${before}, ${item}`)
}
