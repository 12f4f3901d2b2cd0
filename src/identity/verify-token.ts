import { jwtVerify } from 'jose'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Clock } from '../kernel/ports/clock.js'
import { checkClaims } from './claims.js'
import { createIsOfClient } from './is-of-client.js'
import type { IssuerKeys } from './issuer-keys.js'
import type { IdentityOptions, IssuerOptions } from './options.js'
import { invalidToken, uncheckedToken } from './refusals.js'
import { readTokenForm } from './token-form.js'
import type { VerifiedToken } from './token-memo.js'
import { toIssuerKey, toPrincipal, type PrincipalMaking } from './to-principal.js'
import type { VerificationKey } from './verification-key.js'

/** An issuer that tokens are accepted from. */
export interface TrustedIssuer extends PrincipalMaking {
  readonly issuer: string
  readonly audience: IssuerOptions['audience']
  readonly algorithms: ReadonlySet<string>
  readonly clockToleranceSeconds: number
  readonly keys: IssuerKeys
}

/** Checks a token in full, or refuses it with UNAUTHENTICATED whatever is wrong. */
export type VerifyToken = (token: string) => Promise<VerifiedToken>

export function createTokenVerifier(
  issuers: readonly TrustedIssuer[],
  options: IdentityOptions,
  clock: Clock,
): VerifyToken {
  const byName = new Map(issuers.map((issuer) => [issuer.issuer, issuer]))

  return async (token) => {
    const form = readTokenForm(token, options.maxTokenBytes)
    const issuer = byName.get(form.issuer)
    if (issuer === undefined) throw invalidToken('unknown issuer')
    if (!issuer.algorithms.has(form.algorithm)) throw invalidToken('algorithm not allowed')
    const key = await issuer.keys.find(form.keyId)
    if (key === undefined) throw issuer.keys.isFailing ? uncheckedToken() : invalidToken('unknown key')
    if (key.algorithm !== form.algorithm) throw invalidToken('algorithm is not that of the key')
    return verifyWith(token, issuer, key)
  }

  async function verifyWith(
    token: string,
    issuer: TrustedIssuer,
    key: VerificationKey,
  ): Promise<VerifiedToken> {
    const nowMs = clock.now()
    try {
      const { payload } = await jwtVerify(token, key.cryptoKey, {
        algorithms: [key.algorithm],
        issuer: issuer.issuer,
        ...(issuer.audience === undefined ? {} : { audience: issuer.audience }),
        currentDate: new Date(nowMs),
        clockTolerance: issuer.clockToleranceSeconds,
        requiredClaims: ['exp', 'iat', 'sub'],
      })
      const checked = checkClaims(payload, options, nowMs / 1000)
      const voidAtSeconds = checked.expiresAtSeconds + issuer.clockToleranceSeconds
      return {
        principal: toPrincipal(payload, { ...checked, voidAtSeconds }, issuer),
        tokenId: toTokenId(payload.jti),
        subject: checked.subject,
        issuedAtSeconds: checked.issuedAtSeconds,
        expiresAtSeconds: checked.expiresAtSeconds,
        voidAtSeconds,
        keys: issuer.keys,
        key,
      }
    } catch (error) {
      throw error instanceof GatewayError ? error : invalidToken('verification failed', error)
    }
  }
}

/** A number is no id (RFC 7519 §4.1.7), but a token that could not be revoked would be worse. */
function toTokenId(jti: unknown): string | undefined {
  return typeof jti === 'string' || typeof jti === 'number' ? String(jti) : undefined
}

/** Prepares what verification needs of an issuer's options. */
export function trustIssuer(
  options: IssuerOptions,
  keys: IssuerKeys,
  { clockToleranceSeconds, defaultTenant }: Pick<IdentityOptions, 'clockToleranceSeconds' | 'defaultTenant'>,
): TrustedIssuer {
  return {
    issuer: options.issuer,
    issuerKey: toIssuerKey(options.issuer),
    audience: options.audience,
    algorithms: new Set(options.algorithms),
    clockToleranceSeconds: options.clockToleranceSeconds ?? clockToleranceSeconds,
    claims: options.claims,
    isOfClient: createIsOfClient(options.machines),
    defaultTenant,
    keys,
  }
}
