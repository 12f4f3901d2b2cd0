import type { Budget } from '../kernel/ports/limit-store.js'
import type { PrincipalKind } from '../kernel/principal.js'
import type { LimitOptions } from './options.js'
import { CALLER_TIERS, type CallerTier } from './caller-tier.js'

/** Whose requests a limit counts together. */
export type Per = LimitOptions['per']

/** One limit as it applies to one kind of caller. */
export interface AppliedLimit {
  /** Its name in headers. */
  readonly name: string
  readonly per: Per
  readonly budget: Budget
  /** What the headers give as its quota. */
  readonly quota: number
}

/** All limits that apply to one kind of caller together. */
export interface AppliedLimits {
  readonly limits: readonly AppliedLimit[]
  /** The value of RateLimit-Policy, made once. */
  readonly policy: string
}

/** By `tier` for anonymous callers and users, by `machine:tier` for machines. */
export type AppliedTable = ReadonlyMap<string, AppliedLimits>

export function appliedKey(kind: PrincipalKind, tier: CallerTier): string {
  return kind === 'machine' ? MACHINE_KEYS[tier] : tier
}

const MACHINE_KEYS: Readonly<Record<CallerTier, string>> = {
  anonymous: 'machine:anonymous',
  free: 'machine:free',
  pro: 'machine:pro',
  enterprise: 'machine:enterprise',
}

/** The limits of one class, by its name. */
export interface NamedLimits {
  readonly name: string
  readonly limits: readonly LimitOptions[]
}

/** Works out for each kind of caller which limits of these classes apply to it, and how they are announced. */
export function applyLimits(classes: readonly NamedLimits[]): AppliedTable {
  const table = new Map<string, AppliedLimits>()
  for (const kind of ['anonymous', 'user', 'machine'] as const) {
    for (const tier of CALLER_TIERS) {
      if ((kind === 'anonymous') !== (tier === 'anonymous')) continue
      const limits = classes.flatMap((each) => limitsFor(each, kind, tier))
      table.set(appliedKey(kind, tier), {
        limits,
        policy: limits.map(({ name: each, budget }) => toPolicy(each, budget)).join(', '),
      })
    }
  }
  return table
}

const KINDS: Readonly<Record<Per, readonly PrincipalKind[]>> = {
  caller: ['anonymous', 'user', 'machine'],
  user: ['user'],
  apiKey: ['machine'],
  // Whoever has no credential is in a tenant by configuration only, and could use up what its users have.
  tenant: ['user', 'machine'],
  address: ['anonymous', 'user', 'machine'],
}

function limitsFor(
  { name, limits }: NamedLimits,
  kind: PrincipalKind,
  tier: CallerTier,
): readonly AppliedLimit[] {
  return limits.flatMap((limit, index) => {
    const points = typeof limit.limit === 'number' ? limit.limit : limit.limit[tier]
    if (points === undefined || !KINDS[limit.per].includes(kind)) return []
    const own = index === 0 ? name : `${name}.${limit.per}${index === 1 ? '' : index}`
    return [toApplied(own, points, limit)]
  })
}

function toApplied(name: string, points: number, limit: LimitOptions): AppliedLimit {
  const { per, algorithm, windowSeconds, onStoreFailure } = limit
  const burst = limit.burst ?? points
  return {
    name,
    per,
    quota: algorithm === 'tokenBucket' ? burst : points,
    budget: { name, algorithm, limit: points, windowMs: windowSeconds * 1_000, burst, onStoreFailure },
  }
}

/**
 * One item of RateLimit-Policy. Of a bucket, what it holds and the time in which it fills, so that quota and rest are of
 * one kind.
 */
export function toPolicy(name: string, { algorithm, burst, limit, windowMs }: Budget): string {
  const [quota, fillMs] =
    algorithm === 'tokenBucket' ? [burst, (windowMs * burst) / limit] : [limit, windowMs]
  return `"${name}";q=${quota};w=${Math.ceil(fillMs / 1_000)}`
}
