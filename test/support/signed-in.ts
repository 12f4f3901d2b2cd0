import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'

const ISSUER = 'https://issuer.example/'

/** An issuer of the test's own, as `identity.issuers` takes it, and the way to its tokens. */
export interface SignedIn {
  readonly issuer: object
  /** A token that is good now; claims are added or, as `undefined`, left out. */
  readonly createToken: (claims?: object) => string
}

export function createSignedIn(): SignedIn {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'ES256', use: 'sig' }
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    issuer: { issuer: ISSUER, jwks: { keys: [jwk] } },
    createToken: (claims = {}) => {
      const now = Math.floor(Date.now() / 1_000)
      const good = { iss: ISSUER, sub: 'u-1', tenant: 'acme', iat: now, exp: now + 600, jti: randomUUID() }
      const input = `${encode({ alg: 'ES256', typ: 'JWT', kid: 'test' })}.${encode({ ...good, ...claims })}`
      const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${input}.${signature.toString('base64url')}`
    },
  }
}
