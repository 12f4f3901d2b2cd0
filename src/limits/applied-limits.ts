import type { Budget } from '../kernel/ports/limit-store.js'
import type { Principal } from '../kernel/principal.js'
import type { LimitOptions } from './options.js'
import { CALLER_TIERS, tierOf, type CallerTier } from './caller-tier.js'

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

/** What a caller can be counted by: as a kind of principal, but machines with an API key apart from those with a token. */
export const HOLDERS = ['anonymous', 'user', 'client', 'apiKey'] as const

export type Holder = (typeof HOLDERS)[number]

/** By holder, and by tier below. */
export type AppliedTable = Readonly<Record<Holder, ReadonlyMap<CallerTier, AppliedLimits>>>

/** The limits of a table that apply to this caller. */
export function appliedTo(table: AppliedTable, principal: Principal): AppliedLimits | undefined {
  return table[holderOf(principal)].get(tierOf(principal))
}

function holderOf({ kind, apiKey }: Principal): Holder {
  if (kind !== 'machine') return kind
  return apiKey === undefined ? 'client' : 'apiKey'
}

/** The limits of one class, by its name. */
export interface NamedLimits {
  readonly name: string
  readonly limits: readonly LimitOptions[]
}

/** Works out for each kind of caller which limits of these classes apply to it, and how they are announced. */
export function applyLimits(classes: readonly NamedLimits[]): AppliedTable {
  const toTable = (holder: Holder): ReadonlyMap<CallerTier, AppliedLimits> => {
    const tiers = CALLER_TIERS.filter((tier) => (holder === 'anonymous') === (tier === 'anonymous'))
    return new Map(tiers.map((tier) => [tier, together(classes, holder, tier)]))
  }
  return {
    anonymous: toTable('anonymous'),
    user: toTable('user'),
    client: toTable('client'),
    apiKey: toTable('apiKey'),
  }
}

function together(classes: readonly NamedLimits[], holder: Holder, tier: CallerTier): AppliedLimits {
  const limits = classes.flatMap((each) => limitsFor(each, holder, tier))
  return { limits, policy: limits.map(({ name, budget }) => toPolicy(name, budget)).join(', ') }
}

/** Whom a limit counts; it is none for others. */
export const COUNTED: Readonly<Record<Per, readonly Holder[]>> = {
  caller: HOLDERS,
  user: ['user'],
  apiKey: ['apiKey'],
  // Whoever has no credential is in a tenant by configuration only, and could use up what its users have.
  tenant: ['user', 'client', 'apiKey'],
  address: HOLDERS,
}

function limitsFor({ name, limits }: NamedLimits, holder: Holder, tier: CallerTier): readonly AppliedLimit[] {
  return limits.flatMap((limit, index) => {
    const points = typeof limit.limit === 'number' ? limit.limit : limit.limit[tier]
    if (points === undefined || !COUNTED[limit.per].includes(holder)) return []
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
