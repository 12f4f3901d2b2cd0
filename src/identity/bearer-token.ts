import { invalidToken, unsupportedCredential } from './refusals.js'

const SCHEME_MAX = 'Bearer '.length + 8

/**
 * Takes the token out of an Authorization header (RFC 6750 §2.1); the scheme's case does not matter.
 *
 * Two headers reach us joined by a comma, which no token holds, and so are refused.
 */
export function readBearerToken(authorization: string, maxTokenBytes: number): string {
  if (authorization.length > maxTokenBytes + SCHEME_MAX) throw invalidToken('longer than the limit')
  const match = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)
  if (match?.[1] !== undefined) return match[1]
  throw /^bearer\b/i.test(authorization)
    ? invalidToken('not the form of a bearer token')
    : unsupportedCredential('unknown authorization scheme')
}
