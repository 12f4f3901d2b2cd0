import { importJWK, type CryptoKey, type JWK } from 'jose'
import { isRecord } from '../kernel/is-record.js'
import { ownValue, type Json, type JsonObject } from '../kernel/json.js'
import { parseStrictObject } from './strict-json.js'
import type { Algorithm } from './token-form.js'

/** A public key that was found fit to verify tokens with. */
export interface VerificationKey {
  readonly id: string | undefined
  readonly algorithm: Algorithm
  readonly cryptoKey: CryptoKey
  /** Equal exactly for equal keys: how a key is recognised in the next key set. */
  readonly fingerprint: string
}

/**
 * Reads a JWK set (RFC 7517 §5) and admits the keys that are fit (notes: security §5.3).
 *
 * Keys of another use or kind are left out, as key sets may hold them. Two keys of one id make the whole set
 * worthless, since it cannot be said which one was meant; so does a set without any fit key.
 */
export async function readKeySet(bytes: Uint8Array): Promise<readonly VerificationKey[]> {
  const set = parseStrictObject(bytes)
  const entries = set === undefined ? undefined : ownValue(set, 'keys')
  if (!Array.isArray(entries)) throw new Error('not a JWK set')
  const candidates = (entries as readonly Json[]).filter((entry): entry is JsonObject => isRecord(entry))
  const ids = candidates.flatMap((entry) => ownValue(entry, 'kid') ?? [])
  if (new Set(ids).size !== ids.length) throw new Error('two keys of one id')
  const keys = await Promise.all(candidates.map(admit))
  const admitted = keys.filter((key) => key !== undefined)
  if (admitted.length === 0) throw new Error('no fit key in the set')
  return admitted
}

async function admit(entry: JsonObject): Promise<VerificationKey | undefined> {
  const algorithm = algorithmOf(entry)
  const id = ownValue(entry, 'kid')
  if (algorithm === undefined || !isForVerifying(entry, algorithm)) return undefined
  if (id !== undefined && (typeof id !== 'string' || id === '')) return undefined
  const material = publicMaterial(entry)
  try {
    const cryptoKey = await importJWK<JWK & { kty: 'RSA' | 'EC' }>(material, algorithm)
    return { id, algorithm, cryptoKey, fingerprint: JSON.stringify([id, algorithm, material]) }
  } catch {
    return undefined
  }
}

/** RSA of 2048 bit and exponent 65537 upwards for RS256, P-256 for ES256; nothing else. */
function algorithmOf(entry: JsonObject): Algorithm | undefined {
  const kty = ownValue(entry, 'kty')
  if (kty === 'EC' && ownValue(entry, 'crv') === 'P-256') return 'ES256'
  if (kty !== 'RSA') return undefined
  const modulusBits = bitLength(ownValue(entry, 'n'))
  const exponent = toBigInt(ownValue(entry, 'e'))
  const strong = modulusBits >= 2048 && modulusBits <= 8192
  return strong && exponent >= 65_537n && exponent % 2n === 1n ? 'RS256' : undefined
}

function isForVerifying(entry: JsonObject, algorithm: Algorithm): boolean {
  const use = ownValue(entry, 'use')
  const operations = ownValue(entry, 'key_ops')
  const alg = ownValue(entry, 'alg')
  // A set that publishes private parts has given the key away: whoever reads it can sign.
  if (Object.hasOwn(entry, 'd')) return false
  if (alg !== undefined && alg !== algorithm) return false
  if (use !== undefined && use !== 'sig') return false
  return (
    operations === undefined || (Array.isArray(operations) && (operations as unknown[]).includes('verify'))
  )
}

/** Only the numbers of the key: no member of the set decides how it is imported. */
function publicMaterial(entry: JsonObject): JWK & { kty: 'RSA' | 'EC' } {
  const text = (name: string): string => {
    const value = ownValue(entry, name)
    return typeof value === 'string' ? value : ''
  }
  return ownValue(entry, 'kty') === 'RSA'
    ? { kty: 'RSA', n: text('n'), e: text('e') }
    : { kty: 'EC', crv: 'P-256', x: text('x'), y: text('y') }
}

function toBigInt(value: Json | undefined): bigint {
  if (typeof value !== 'string') return 0n
  const hex = Buffer.from(value, 'base64url').toString('hex')
  return hex === '' ? 0n : BigInt(`0x${hex}`)
}

function bitLength(value: Json | undefined): number {
  return toBigInt(value).toString(2).length
}
