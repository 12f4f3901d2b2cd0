import type { PlanTier, Principal } from '../kernel/principal.js'

/** The kinds of callers that have limits of their own. */
export type CallerTier = 'anonymous' | PlanTier

export function tierOf(principal: Principal): CallerTier {
  return principal.kind === 'anonymous' ? 'anonymous' : principal.plan
}

export const CALLER_TIERS: readonly CallerTier[] = ['anonymous', 'free', 'pro', 'enterprise']
