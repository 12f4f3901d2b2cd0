import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { Identified, Received } from '../../../src/kernel/contexts.js'
import { Deadline } from '../../../src/kernel/deadline.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { ResponseHead } from '../../../src/kernel/response-head.js'
import { createIdentity, type Identity } from '../../../src/identity/index.js'
import { identityOptions } from '../../../src/identity/options.js'

export const ISSUER = 'https://issuer.example/'
export const AUDIENCE = 'gatehouse'
export const NOW_SECONDS = 1_700_000_000

/** A key pair with the public half as a JWK. */
export interface TestKey {
  readonly kid: string
  readonly alg: 'RS256' | 'ES256'
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: Record<string, unknown>
}

export function createKey(kid: string, alg: 'RS256' | 'ES256' = 'ES256', modulusLength = 2048): TestKey {
  const pair =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }
  return { kid, alg, ...pair, jwk }
}

export const RSA_KEY = createKey('rsa-1', 'RS256')
export const EC_KEY = createKey('ec-1', 'ES256')

export const GOOD_CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'u-1',
  iat: NOW_SECONDS - 60,
  exp: NOW_SECONDS + 600,
  tenant: 'acme',
  scope: 'order:read user:email',
}

export const encode = (text: string | Buffer): string => Buffer.from(text).toString('base64url')

/** Signs any header and payload text, however odd, with a real key. */
export function signText(header: string, payload: string | Buffer, key: TestKey = RSA_KEY): string {
  const input = `${encode(header)}.${encode(payload)}`
  const signature = sign('sha256', Buffer.from(input), {
    key: createPrivateKey(key.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    dsaEncoding: 'ieee-p1363',
  })
  return `${input}.${encode(signature)}`
}

/** A token that is good but for the given members; `undefined` leaves a member out. */
export function createToken(claims: object = {}, header: object = {}, key: TestKey = RSA_KEY): string {
  return signText(
    JSON.stringify({ alg: key.alg, typ: 'JWT', kid: key.kid, ...header }),
    JSON.stringify({ ...GOOD_CLAIMS, ...claims }),
    key,
  )
}

export interface IdentityWorld {
  readonly identity: Identity
  readonly clock: { ms: number; now: () => number }
  readonly identify: (credentials: Received['credentials']) => Promise<Identified>
  readonly identifyToken: (token: string) => Promise<Identified>
}

export function createWorld(options: object = {}): IdentityWorld {
  const issuer = { issuer: ISSUER, audience: AUDIENCE, jwks: { keys: [RSA_KEY.jwk, EC_KEY.jwk] } }
  const clock = { ms: NOW_SECONDS * 1000, now: () => clock.ms }
  const identity = createIdentity(identityOptions.parse({ issuers: [issuer], ...options }), {
    clock,
    logger: SILENT_LOGGER,
  })
  const identify = async (credentials: Received['credentials']) =>
    identity.stage.run(createReceived(credentials))
  return {
    identity,
    clock,
    identify,
    identifyToken: (token) => identify({ authorization: `Bearer ${token}` }),
  }
}

export function createReceived(credentials: Received['credentials']): Received {
  return {
    requestId: 'request-1',
    credentials,
    client: { address: '203.0.113.9' },
    deadline: new Deadline(10_000),
    responseHead: new ResponseHead(),
    frontEnd: 'graphql',
    request: { readOnly: false },
  }
}

/** The error that a promise rejects with; fails when it is no GatewayError or when there is none. */
export async function refusalOf(promise: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof GatewayError) return error
  throw new Error('expected a GatewayError', { cause: error })
}
