import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Principal } from '../kernel/principal.js'
import type { IssuerKeys } from './issuer-keys.js'
import type { NamedToken, RevocationList } from './revocations/revocation-list.js'
import type { VerificationKey } from './verification-key.js'

/** A token whose signature was checked, and by which key. */
export interface VerifiedToken extends NamedToken {
  readonly principal: Principal
  /** The `exp` of the token itself: what is made of it must not live longer. */
  readonly expiresAtSeconds: number
  /** Seconds since the epoch from which it is refused: its `exp` and the clock tolerance. */
  readonly voidAtSeconds: number
  readonly keys: IssuerKeys
  readonly key: VerificationKey
}

/**
 * Remembers verified tokens by digest, so that a signature is checked once and not for every request.
 *
 * A hit is worth no more than the token is now: expiry is compared at each use, and a key that the issuer has
 * withdrawn takes its tokens with it, and so does the list of revocations.
 */
export class TokenMemo {
  readonly #tokens: LRUCache<string, VerifiedToken>
  readonly #revocations: RevocationList | undefined

  constructor(maxTokens: number, revocations: RevocationList | undefined) {
    this.#tokens = new LRUCache({ max: maxTokens })
    this.#revocations = revocations
  }

  get(token: string, nowSeconds: number): Principal | undefined {
    const digest = digestOf(token)
    const verified = this.#tokens.get(digest)
    if (verified === undefined) return undefined
    if (nowSeconds < verified.voidAtSeconds && verified.keys.holds(verified.key)) {
      // Stays remembered: one that is sent again and again is refused without checking its signature.
      this.#revocations?.assertGood(verified)
      return verified.principal
    }
    this.#tokens.delete(digest)
    return undefined
  }

  set(token: string, verified: VerifiedToken): void {
    this.#tokens.set(digestOf(token), verified)
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64')
}
