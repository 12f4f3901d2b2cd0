import type { JWTPayload } from 'jose'
import type { IdentityOptions } from './options.js'
import { invalidToken } from './refusals.js'

/** How far ahead of our clock a token may have been issued, in seconds. */
const MAX_AHEAD_SECONDS = 60

const MAX_TEXT_LENGTH = 256

export interface CheckedClaims {
  readonly subject: string
  readonly issuedAtSeconds: number
  readonly expiresAtSeconds: number
}

/**
 * Checks what jose leaves open of the registered claims (notes: security §5.3); exp, nbf, iss and aud values were
 * compared before.
 */
export function checkClaims(
  payload: JWTPayload,
  options: IdentityOptions,
  nowSeconds: number,
): CheckedClaims {
  const { exp, iat, sub } = payload
  if (typeof exp !== 'number' || !Number.isSafeInteger(exp)) throw invalidToken('exp is not a whole number')
  if (typeof iat !== 'number' || !Number.isFinite(iat) || iat < 0) throw invalidToken('iat is not a time')
  if (iat > nowSeconds + MAX_AHEAD_SECONDS) throw invalidToken('issued in the future')
  if (exp - iat > options.maxLifetimeSeconds) throw invalidToken('lives too long')
  if (!isPlainText(sub)) throw invalidToken('sub is not a plain text')
  if (!isAudience(payload.aud)) throw invalidToken('aud is neither a text nor a list of texts')
  return { subject: sub, issuedAtSeconds: iat, expiresAtSeconds: exp }
}

/** A text that can name somebody: not empty, not endless, no control characters, whole characters only. */
export function isPlainText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= MAX_TEXT_LENGTH &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  )
}

function isAudience(value: unknown): boolean {
  if (value === undefined || typeof value === 'string') return true
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}
