import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose'
import { isRecord } from '../../kernel/is-record.js'
import type { Json } from '../../kernel/json.js'
import { parseStrictObject } from '../strict-json.js'

/** A key that signs tokens from a moment on, until the next one does. */
export interface SigningKey {
  readonly id: string
  /** Seconds since the epoch. */
  readonly signsFrom: number
  readonly privateJwk: JWK
  readonly cryptoKey: CryptoKey
}

/** Makes an ES256 key, named by its thumbprint (RFC 7638). */
export async function makeSigningKey(signsFrom: number): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { id: await calculateJwkThumbprint(jwk), signsFrom, privateJwk: jwk, cryptoKey: privateKey }
}

/** The half that everybody may know; named one by one, so that no private member can slip through. */
export function toPublicJwk({ id, privateJwk: { kty, crv, x, y } }: SigningKey): JWK {
  return { kty, crv, x, y, alg: 'ES256', use: 'sig', kid: id } as JWK
}

/** Writes keys as the text of a keys file, oldest first. */
export function writeKeys(keys: readonly SigningKey[]): string {
  const entries = keys.map(({ signsFrom, privateJwk: { kty, crv, x, y, d } }) => ({
    signsFrom,
    jwk: { kty, crv, x, y, d },
  }))
  return `${JSON.stringify({ keys: entries }, null, 2)}\n`
}

/** Reads what {@link writeKeys} wrote; throws for anything else, because half a key set would lose tokens. */
export async function readKeys(text: string): Promise<readonly SigningKey[]> {
  const entries = parseStrictObject(Buffer.from(text))?.['keys']
  if (!Array.isArray(entries) || entries.length === 0) throw new Error('It holds no keys.')
  const keys = await Promise.all((entries as readonly Json[]).map(readKey))
  return keys.sort((one, other) => one.signsFrom - other.signsFrom)
}

async function readKey(entry: Json): Promise<SigningKey> {
  const { signsFrom, jwk } = isRecord(entry) ? entry : {}
  if (
    typeof signsFrom !== 'number' ||
    !Number.isSafeInteger(signsFrom) ||
    jwk === undefined ||
    !isRecord(jwk)
  ) {
    throw new Error('An entry is not a key with the time from which it signs.')
  }
  const { kty, crv, x, y, d } = jwk as JWK
  if (kty !== 'EC' || crv !== 'P-256' || typeof d !== 'string')
    throw new Error('A key is not a private P-256 key.')
  const privateJwk = { kty, crv, x, y, d } as JWK & { kty: 'EC' }
  const cryptoKey = await importJWK<JWK & { kty: 'EC' }>(privateJwk, 'ES256').catch((cause: unknown) => {
    throw new Error('A key is not a private P-256 key.', { cause })
  })
  return { id: await calculateJwkThumbprint(privateJwk), signsFrom, privateJwk, cryptoKey }
}
