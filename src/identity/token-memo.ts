import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Principal } from '../kernel/principal.js'
import type { IssuerKeys } from './issuer-keys.js'
import type { VerificationKey } from './verification-key.js'

/** A token whose signature was checked, and by which key. */
export interface VerifiedToken {
  readonly principal: Principal
  /** Seconds since the epoch, clock tolerance included. */
  readonly voidAtSeconds: number
  readonly keys: IssuerKeys
  readonly key: VerificationKey
}

/**
 * Remembers verified tokens by digest, so that a signature is checked once and not for every request.
 *
 * A hit is worth no more than the token is now: expiry is compared at each use, and a key that the issuer has
 * withdrawn takes its tokens with it.
 */
export class TokenMemo {
  readonly #tokens: LRUCache<string, VerifiedToken>

  constructor(maxTokens: number) {
    this.#tokens = new LRUCache({ max: maxTokens })
  }

  get(token: string, nowSeconds: number): Principal | undefined {
    const digest = digestOf(token)
    const verified = this.#tokens.get(digest)
    if (verified === undefined) return undefined
    if (nowSeconds < verified.voidAtSeconds && verified.keys.holds(verified.key)) return verified.principal
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
