import { GatewayError } from './gateway-error.js'

/**
 * Whether a refusal of the identify stage says something against the credential, and not only that nobody can judge it
 * now: because a store is away, or too many bad ones come from the same address.
 */
export function isCredentialRefused(error: unknown): boolean {
  return error instanceof GatewayError && error.status < 500 && error.status !== 429
}
