import type { VerifyToken } from '../verify-token.js'
import type { RevocationList } from './revocation-list.js'

/**
 * Verifies tokens and refuses those that the list names; without a list, as before.
 *
 * For everybody who believes a token: one that is revoked must not be exchanged for a good one either.
 */
export function withRevocations(verify: VerifyToken, revocations: RevocationList | undefined): VerifyToken {
  if (revocations === undefined) return verify
  return async (token) => {
    const verified = await verify(token)
    revocations.assertGood(verified)
    return verified
  }
}
