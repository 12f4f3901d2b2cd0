import { bearerChallenge } from '../kernel/bearer-challenge.js'
import { GatewayError } from '../kernel/gateway-error.js'
import { Unchecked } from '../kernel/unchecked.js'

/**
 * Refuses a token. The client learns that it is not valid, never why: the reason is for the log.
 *
 * The challenge is that of RFC 6750 §3.1.
 */
export function invalidToken(reason: string, cause?: unknown): GatewayError {
  return new GatewayError('UNAUTHENTICATED', 'The access token is not valid.', {
    cause: new Error(reason, { cause }),
    headers: { 'www-authenticate': bearerChallenge({ error: 'invalid_token' }) },
  })
}

/** Refuses a token whose key cannot be had now: nobody is let in unseen, and the client learns no more than of others. */
export function uncheckedToken(): GatewayError {
  return invalidToken('unknown key', new Unchecked('The key set of its issuer cannot be loaded.'))
}

/** Refuses a credential that is no bearer token. */
export function unsupportedCredential(reason: string): GatewayError {
  return new GatewayError(
    'UNAUTHENTICATED',
    'The credential is not valid or of a kind that is not supported.',
    {
      cause: new Error(reason),
      headers: { 'www-authenticate': bearerChallenge() },
    },
  )
}

/** Refuses an API key; as with tokens, the client never learns why. */
export function invalidApiKey(reason: string): GatewayError {
  return new GatewayError('UNAUTHENTICATED', 'The API key is not valid.', {
    cause: new Error(reason),
    headers: { 'www-authenticate': bearerChallenge() },
  })
}

/** Refuses a key that cannot be judged now; not 401, after which a client would throw a good key away. */
export function keysUnavailable(cause: unknown): GatewayError {
  return new GatewayError('IDENTITY_UNAVAILABLE', 'API keys cannot be checked at the moment.', {
    cause,
    headers: { 'retry-after': '1' },
  })
}

/** Refuses a caller of whom something cannot be found out now; not 401, for his credential may be good. */
export function identityUnavailable(retryAfterSeconds: number): GatewayError {
  return new GatewayError('IDENTITY_UNAVAILABLE', 'What is needed to know the caller is not available.', {
    headers: { 'retry-after': String(retryAfterSeconds) },
  })
}

/** Refuses a caller without any credential, where the gateway serves only signed-in callers. */
export function credentialNeeded(): GatewayError {
  return new GatewayError('UNAUTHENTICATED', 'A credential is needed.', {
    headers: { 'www-authenticate': bearerChallenge() },
  })
}

/** Refuses to choose between two credentials (contract §4). */
export function twoCredentials(): GatewayError {
  return new GatewayError('BAD_REQUEST', 'Send either an Authorization or an X-API-Key header, not both.')
}

/** Refuses to choose between two cookies of one name: one of them may be from a neighbouring host. */
export function twoCookies(): GatewayError {
  return new GatewayError('BAD_REQUEST', 'The request has two cookies with a token.')
}

/** Refuses a cookie that a page of another site may have made the browser send. */
export function riddenCookie(): GatewayError {
  return new GatewayError(
    'CSRF_ERROR',
    'A page of another site could have sent this request with the cookie. Send it from a page of this origin, or with a header that needs a preflight.',
  )
}
