import { chmod, link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose'
import { SYSTEM_CLOCK, type Clock } from '../kernel/ports/clock.js'

const DEVELOPMENT_ISSUER = 'https://gatehouse.local/dev'
const DEVELOPMENT_AUDIENCE = 'gatehouse'

const MAX_TTL_SECONDS = 86_400

/** Who a development token is for. */
export interface DevelopmentClaims {
  readonly userId: string
  readonly tenant?: string
  readonly plan?: string
  readonly scopes?: readonly string[]
  readonly roles?: readonly string[]
  readonly email?: string
}

/** A local token issuer for trying things out: not for production, where `gatehouse token` refuses to run. */
export interface DevelopmentIssuer {
  readonly issuer: string
  readonly audience: string
  /** The public key set, for `identity.issuers[].jwksFile`. */
  readonly jwksFile: string
  readonly issueToken: (claims: DevelopmentClaims, ttlSeconds: number) => Promise<string>
}

/**
 * Opens the development issuer in `directory`, making its key pair when there is none.
 *
 * Several processes may do so at once: the first key to be linked under the final name wins, and all use it.
 */
export async function ensureDevelopmentIssuer(
  directory: string,
  clock: Clock = SYSTEM_CLOCK,
): Promise<DevelopmentIssuer> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const keyFile = join(directory, 'key.json')
  const jwksFile = join(directory, 'jwks.json')
  const privateJwk = (await readKey(keyFile)) ?? (await createKey(keyFile))
  await publish(privateJwk, jwksFile)
  const key = await importJWK(privateJwk, 'ES256')
  const kid = privateJwk.kid ?? ''

  const issueToken = async (claims: DevelopmentClaims, ttlSeconds: number): Promise<string> => {
    if (!(ttlSeconds > 0 && ttlSeconds <= MAX_TTL_SECONDS)) {
      throw new RangeError(`A development token lives between 1 and ${MAX_TTL_SECONDS} seconds.`)
    }
    const now = Math.floor(clock.now() / 1000)
    return new SignJWT(toPayload(claims))
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid })
      .setIssuer(DEVELOPMENT_ISSUER)
      .setAudience(DEVELOPMENT_AUDIENCE)
      .setSubject(claims.userId)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + Math.floor(ttlSeconds))
      .sign(key)
  }
  return { issuer: DEVELOPMENT_ISSUER, audience: DEVELOPMENT_AUDIENCE, jwksFile, issueToken }
}

function toPayload({ tenant, plan, scopes, roles, email }: DevelopmentClaims): Record<string, unknown> {
  return {
    ...(tenant === undefined ? {} : { tenant }),
    ...(plan === undefined ? {} : { plan }),
    ...(email === undefined ? {} : { email }),
    scope: (scopes ?? []).join(' '),
    roles: roles ?? [],
  }
}

async function readKey(keyFile: string): Promise<JWK | undefined> {
  let text: string
  try {
    text = await readFile(keyFile, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text) as JWK
  } catch (cause) {
    throw new Error(`${keyFile} is not a key any more; delete it to get a new one.`, { cause })
  }
}

async function createKey(keyFile: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const named: JWK = { ...jwk, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(jwk) }
  const draft = `${keyFile}.${randomUUID()}`
  await writeFile(draft, `${JSON.stringify(named, null, 2)}\n`, { mode: 0o600 })
  try {
    await link(draft, keyFile)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  return (await readKey(keyFile)) ?? named
}

/** Writes the public half beside the key; whole at any moment, for a gateway may be reading it. */
async function publish(privateJwk: JWK, jwksFile: string): Promise<void> {
  // Named one by one: no private member can slip through.
  const { kty, crv, x, y, alg, use, kid } = privateJwk
  const draft = `${jwksFile}.${randomUUID()}`
  await writeFile(draft, `${JSON.stringify({ keys: [{ kty, crv, x, y, alg, use, kid }] }, null, 2)}\n`)
  await chmod(draft, 0o644)
  await rename(draft, jwksFile)
}
