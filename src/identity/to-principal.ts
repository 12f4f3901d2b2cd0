import { createHash } from 'node:crypto'
import type { PlanTier, Principal } from '../kernel/principal.js'
import { isPlainText, type CheckedClaims } from './claims.js'
import type { IsOfClient } from './is-of-client.js'
import type { ClaimsOptions } from './options.js'
import { readClaim } from './read-claim.js'
import { invalidToken } from './refusals.js'

const PLANS: ReadonlySet<unknown> = new Set<PlanTier>(['free', 'pro', 'enterprise'])

/** What an issuer adds to the making of a principal. */
export interface PrincipalMaking {
  /** Keeps equal subjects of two issuers apart. */
  readonly issuerKey: string
  /** Claim in which this issuer, if we believe it so much, names the issuer that its subject comes from. */
  readonly subjectIssuerClaim?: string
  readonly claims: ClaimsOptions
  readonly isOfClient: IsOfClient
  readonly defaultTenant: string
}

/** What is known of a token before a principal is made of it. */
export interface TokenFacts extends Pick<CheckedClaims, 'subject'> {
  /** Its `exp` and the clock tolerance. */
  readonly voidAtSeconds: number
}

/** A short name of an issuer for principal keys. */
export function toIssuerKey(issuer: string): string {
  return createHash('sha256').update(issuer).digest('base64url').slice(0, 12)
}

/**
 * Makes the principal of a verified token: the user whom it names, or the client itself.
 *
 * A client may have chosen its id, so that one which is taken for a user could pass for whoever has that name (RFC 9700
 * §4.15).
 */
export function toPrincipal(
  payload: Readonly<Record<string, unknown>>,
  token: TokenFacts,
  making: PrincipalMaking,
): Principal {
  const claim = (name: string): unknown => readClaim(payload, name)
  const tenant = claim(making.claims.tenant) ?? making.defaultTenant
  if (!isPlainText(tenant)) throw invalidToken('tenant is not a plain text')
  const scopes = readWords(
    making.claims.scopes.map(claim).find((value) => value !== undefined),
    'scopes',
  )
  const subjectIssuer = making.subjectIssuerClaim === undefined ? undefined : claim(making.subjectIssuerClaim)
  const issuerKey = typeof subjectIssuer === 'string' ? toIssuerKey(subjectIssuer) : making.issuerKey
  const plan = claim(making.claims.plan)
  const email = claim(making.claims.email)
  // Tenant and issuer cannot hold a colon, so that no two callers share a key whatever the subject is.
  const name = `${issuerKey}:${encodeURIComponent(tenant)}:${token.subject}`
  const rights = {
    tenant,
    plan: isPlan(plan) ? plan : 'free',
    scopes: new Set(scopes),
    scopeKey: [...new Set(scopes)].sort().join(' '),
    roles: readRoles(claim(making.claims.roles)),
    expiresAtSeconds: token.voidAtSeconds,
  }
  if (making.isOfClient(payload, token.subject)) return { kind: 'machine', key: `client:${name}`, ...rights }
  return {
    kind: 'user',
    key: `user:${name}`,
    userId: token.subject,
    ...rights,
    ...(isPlainText(email) ? { email } : {}),
  }
}

/** The principal of a caller without a credential: known by address only. */
export function toAnonymous(address: string, tenant: string): Principal {
  return {
    kind: 'anonymous',
    key: `anonymous:${address}`,
    tenant,
    plan: 'free',
    scopes: new Set(),
    scopeKey: '',
    roles: [],
  }
}

/** Reads roles as {@link readWords} does, but a role in a list may be of several words, as groups of people often are. */
function readRoles(value: unknown): readonly string[] {
  return Array.isArray(value) && value.every(isPlainText) ? value : readWords(value, 'roles')
}

/**
 * Reads a text with spaces (RFC 6749 §3.3) or a list of texts; refuses anything else (notes: security R14).
 *
 * An item with a space would make two different scope sets look equal, so the token is refused.
 */
function readWords(value: unknown, name: string): readonly string[] {
  if (value === undefined || value === null) return []
  const words: unknown = typeof value === 'string' ? value.split(' ') : value
  if (!Array.isArray(words)) throw invalidToken(`${name} are neither a text nor a list`)
  const kept = words.filter((word) => word !== '')
  if (!kept.every((word): word is string => isPlainText(word) && !/\s/.test(word))) {
    throw invalidToken(`${name} hold something that is not a word`)
  }
  return kept
}

function isPlan(value: unknown): value is PlanTier {
  return PLANS.has(value)
}
