import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Clock } from '../../kernel/ports/clock.js'
import { SUBJECT_ISSUER, type Grant } from './grant.js'
import { OAuthError } from './oauth-error.js'
import type { ClientOptions } from './options.js'
import type { SigningKeys } from './signing-keys.js'

export interface IssuedToken {
  readonly token: string
  readonly id: string
  readonly lifeSeconds: number
}

export interface IssuingParts {
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly issuer: string
  readonly ttlSeconds: number
}

/** Signs what was granted, as an access token by RFC 9068. */
export async function issueToken(
  grant: Grant,
  client: ClientOptions,
  audience: string,
  { keys, clock, issuer, ttlSeconds }: IssuingParts,
): Promise<IssuedToken> {
  const now = Math.floor(clock.now() / 1000)
  const endsAt = Math.min(now + ttlSeconds, grant.endsAtSeconds)
  // A subject token may be over its time and still within the clock tolerance.
  if (endsAt <= now) {
    throw new OAuthError('invalid_request', 'The subject_token is not valid or not acceptable.', {
      reason: 'subject_token: expired',
    })
  }
  const key = await keys.current()
  const id = randomUUID()
  const token = await new SignJWT({
    client_id: client.id,
    tenant: grant.tenant,
    plan: grant.plan,
    scope: grant.scopes.join(' '),
    roles: grant.roles,
    ...(grant.actor === undefined ? {} : { act: grant.actor }),
    ...(grant.subjectIssuer === undefined ? {} : { [SUBJECT_ISSUER]: grant.subjectIssuer }),
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.id })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(grant.subject)
    .setJti(id)
    .setIssuedAt(now)
    .setExpirationTime(endsAt)
    .sign(key.cryptoKey)
  return { token, id, lifeSeconds: endsAt - now }
}
