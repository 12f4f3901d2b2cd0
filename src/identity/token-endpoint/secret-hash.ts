import { createHash, scrypt, timingSafeEqual } from 'node:crypto'

/** A hash of a client's secret, as it stands in the config. */
export interface SecretHash {
  /** What it costs to compare with: equal texts, equal work. */
  readonly cost: string
  readonly salt: Buffer
  readonly digest: Buffer
}

const SHA256 = /^sha256:([0-9a-fA-F]{64})$/
const SCRYPT = /^scrypt:(\d{4,5}):(\d{1,2}):(\d):([A-Za-z0-9_-]{16,86}):([A-Za-z0-9_-]{43})$/

/** Below it scrypt is not slow enough to be worth its name. */
const LEAST_SCRYPT_N = 16_384

/** 32 MB at most for one comparison: who guesses secrets must not be able to fill our memory. */
const MOST_SCRYPT_BYTES = 33_554_432

/**
 * Reads `sha256:<hex>` or `scrypt:<N>:<r>:<p>:<salt>:<digest>` (RFC 7914, base64url); undefined for anything else.
 *
 * SHA-256 is enough for a secret of 32 random bytes, which nobody can guess; whatever a person chose needs scrypt.
 */
export function parseSecretHash(text: string): SecretHash | undefined {
  const [, hex] = SHA256.exec(text) ?? []
  if (hex !== undefined) return { cost: 'sha256', salt: Buffer.alloc(0), digest: Buffer.from(hex, 'hex') }
  const [, n, r, p, salt, digest] = SCRYPT.exec(text) ?? []
  if (salt === undefined || digest === undefined) return undefined
  const [N, blocks, lanes] = [Number(n), Number(r), Number(p)]
  const isPowerOfTwo = (N & (N - 1)) === 0
  if (!isPowerOfTwo || N < LEAST_SCRYPT_N || blocks < 1 || lanes < 1 || 128 * N * blocks > MOST_SCRYPT_BYTES)
    return undefined
  return {
    cost: `scrypt:${N}:${blocks}:${lanes}`,
    salt: Buffer.from(salt, 'base64url'),
    digest: Buffer.from(digest, 'base64url'),
  }
}

/** Says whether the secret is the one that was hashed, in a time that does not depend on where they differ. */
export async function isSecretOf(hash: SecretHash, secret: string): Promise<boolean> {
  return timingSafeEqual(await digestOf(hash, secret), hash.digest)
}

function digestOf({ cost, salt, digest }: SecretHash, secret: string): Buffer | Promise<Buffer> {
  if (cost === 'sha256') return createHash('sha256').update(secret).digest()
  const [, N, r, p] = cost.split(':').map(Number)
  const limits = { N: N ?? 0, r: r ?? 0, p: p ?? 0, maxmem: 2 * MOST_SCRYPT_BYTES }
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, digest.length, limits, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
