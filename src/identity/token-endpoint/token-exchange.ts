import { decodeJwt } from 'jose'
import { GatewayError } from '../../kernel/gateway-error.js'
import type { PlanTier } from '../../kernel/principal.js'
import { isPlainText } from '../claims.js'
import type { VerifiedToken } from '../token-memo.js'
import type { VerifyToken } from '../verify-token.js'
import { required, type Form } from './form.js'
import { SUBJECT_ISSUER, type Actor, type DecideGrant } from './grant.js'
import { OAuthError } from './oauth-error.js'
import type { ClientOptions } from './options.js'
import { intersect, narrowScopes } from './scopes.js'

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const TYPES: ReadonlySet<string> = new Set([ACCESS_TOKEN, 'urn:ietf:params:oauth:token-type:jwt'])

const PLANS: readonly PlanTier[] = ['free', 'pro', 'enterprise']

/** Longest chain of clients that hand a token on to each other. */
const MOST_ACTORS = 5

export interface ExchangeParts {
  readonly verify: VerifyToken
  readonly defaultTenant: string
  /** The `iss` of our own tokens. */
  readonly issuer: string
}

/**
 * Grants a client a token in the name of the user whom a token names (RFC 8693): a delegation, in which `act` names the client.
 *
 * The new token is in every respect the lesser of subject and client: scopes and roles that both have, the lower
 * plan, one tenant, no longer life. So exchanging again and again never gains anything.
 */
export function createTokenExchangeGrant(parts: ExchangeParts): DecideGrant {
  return async (client, form) => {
    const answer = { issued_token_type: readTypes(form) }
    const token = required(form, 'subject_token')
    const { principal, expiresAtSeconds } = await verifySubject(parts.verify, token)
    const claims: Readonly<Record<string, unknown>> = decodeJwt(token)
    const { userId } = principal
    if (userId === undefined) throw unacceptable('of a client itself')
    if (principal.tenant !== (client.tenant ?? parts.defaultTenant)) throw unacceptable('of another tenant')
    assertMayAct(claims, client)
    const subjectIssuer = claims['iss'] === parts.issuer ? claims[SUBJECT_ISSUER] : claims['iss']
    return {
      subject: userId,
      tenant: principal.tenant,
      plan: lowerPlan(principal.plan, client.plan),
      roles: [...intersect(client.roles, new Set(principal.roles))],
      scopes: narrowScopes(form.get('scope'), intersect(client.scopes, principal.scopes)),
      endsAtSeconds: expiresAtSeconds,
      actor: { sub: client.id, ...priorActor(claims) },
      ...(typeof subjectIssuer === 'string' ? { subjectIssuer } : {}),
      answer,
    }
  }
}

/** Checks the types that the request names; returns that of the new token. */
function readTypes(form: Form): string {
  if (!TYPES.has(required(form, 'subject_token_type')))
    throw invalidRequest('The subject_token_type is not supported.')
  if (form.has('actor_token') || form.has('actor_token_type')) {
    throw invalidRequest('An actor_token is not supported: the client is the actor.')
  }
  const wanted = form.get('requested_token_type') ?? ACCESS_TOKEN
  if (!TYPES.has(wanted)) throw invalidRequest('The requested_token_type is not supported.')
  return wanted
}

async function verifySubject(verify: VerifyToken, token: string): Promise<VerifiedToken> {
  try {
    return await verify(token)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'UNAUTHENTICATED') throw error
    throw unacceptable(error.cause instanceof Error ? error.cause.message : 'not valid')
  }
}

/** A subject token may say who alone is to act for it (RFC 8693 §4.4). */
function assertMayAct(claims: Readonly<Record<string, unknown>>, client: ClientOptions): void {
  const mayAct = claims['may_act']
  if (mayAct === undefined) return
  if (typeof mayAct !== 'object' || mayAct === null || (mayAct as { sub?: unknown }).sub !== client.id) {
    throw unacceptable('the client may not act for it')
  }
}

/** Those who acted before, by name only: whatever else an issuer says of them is not for us to repeat. */
function priorActor(claims: Readonly<Record<string, unknown>>): { readonly act?: Actor } {
  const names: string[] = []
  let act = claims['act']
  while (act !== undefined) {
    const { sub, act: before } = (typeof act === 'object' && act !== null ? act : {}) as Record<
      string,
      unknown
    >
    if (!isPlainText(sub) || names.length + 1 >= MOST_ACTORS)
      throw unacceptable('too long or odd a chain of actors')
    names.push(sub)
    act = before
  }
  const chain = names.reduceRight<Actor | undefined>(
    (before, sub) => (before === undefined ? { sub } : { sub, act: before }),
    undefined,
  )
  return chain === undefined ? {} : { act: chain }
}

function lowerPlan(one: PlanTier, other: PlanTier): PlanTier {
  return PLANS[Math.min(PLANS.indexOf(one), PLANS.indexOf(other))] ?? 'free'
}

/** RFC 8693 §2.2.2: a subject token that is not valid or not acceptable makes the request invalid. */
function unacceptable(reason: string): OAuthError {
  return new OAuthError('invalid_request', 'The subject_token is not valid or not acceptable.', {
    reason: `subject_token: ${reason}`,
  })
}

function invalidRequest(description: string): OAuthError {
  return new OAuthError('invalid_request', description)
}
