import type { PlanTier } from '../../kernel/principal.js'
import type { Form } from './form.js'
import { OAuthError } from './oauth-error.js'
import type { ClientOptions } from './options.js'

/** Who acts for the subject, and who acted before (RFC 8693 §4.1). */
export interface Actor {
  readonly sub: string
  readonly act?: Actor
}

/** Claim of our tokens that names the issuer of an exchanged subject, so that it stays the same caller. */
export const SUBJECT_ISSUER = 'subject_issuer'

/** What a token will say, decided before it is signed. */
export interface Grant {
  readonly subject: string
  readonly tenant: string
  readonly plan: PlanTier
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** Seconds since the epoch at which the token ends at the latest. */
  readonly endsAtSeconds: number
  readonly actor?: Actor
  /** The issuer of the subject, where that is not us. */
  readonly subjectIssuer?: string
  /** Members of the response that this kind of grant adds. */
  readonly answer: Readonly<Record<string, string>>
}

/** Decides what a client gets for its request, or refuses it. */
export type DecideGrant = (client: ClientOptions, form: Form) => Grant | Promise<Grant>

/** What tokens of this gateway are for. */
export interface Target {
  /** Their `aud`. */
  readonly audience: string
  /** The public address of the gateway, where it is known. */
  readonly resource: string | undefined
}

/** Chooses the audience: the gateway's own, or another that the client was given (RFC 8693 §2.1, RFC 8707 §2). */
export function chooseAudience(client: ClientOptions, form: Form, own: Target): string {
  const resource = form.get('resource')
  if (resource !== undefined && resource !== own.resource && resource !== own.audience) throw wrongTarget()
  const audience = form.get('audience') ?? own.audience
  if (audience === own.audience) return audience
  if (resource !== undefined || !client.audiences.includes(audience)) throw wrongTarget()
  return audience
}

function wrongTarget(): OAuthError {
  return new OAuthError('invalid_target', 'The client may not ask for tokens for this audience.')
}
