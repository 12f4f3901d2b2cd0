import type { JsonObject } from './json.js'

/** Whoever asks: a signed-in user, a machine with an API key or a token of its own, or nobody in particular. */
export type PrincipalKind = 'anonymous' | 'user' | 'machine'

/** The billing class that decides default limits. */
export type PlanTier = 'free' | 'pro' | 'enterprise'

/**
 * The caller of one request, made by the identify stage from verified credentials only.
 *
 * Anonymous is a kind of principal, never null, so that no stage can forget it.
 */
export interface Principal {
  readonly kind: PrincipalKind
  /** Names the caller in limits, cache partitions and logs; unique over kinds, tenants and issuers. For anonymous callers the address. */
  readonly key: string
  /** The `sub` of a user's token; absent for callers who are no user. */
  readonly userId?: string
  readonly tenant: string
  readonly plan: PlanTier
  readonly scopes: ReadonlySet<string>
  /** The scopes sorted and joined by a space: equal exactly when the sets are equal. */
  readonly scopeKey: string
  readonly roles: readonly string[]
  readonly email?: string
  /** What the operator's enrichment module says of him; for rules to look at, told to no subgraph. */
  readonly profile?: JsonObject
  /** The API key that a machine came with, by which logs name it; absent for one that came with a token. */
  readonly apiKey?: { readonly id: string; readonly name: string }
  /**
   * Seconds since the epoch from which the credential is refused, what a token is borne with for late clocks included;
   * absent where it has no end.
   */
  readonly expiresAtSeconds?: number
}
