import type { JsonObject } from '../kernel/json.js'
import { invalidToken } from './refusals.js'
import { parseStrictObject } from './strict-json.js'

export type Algorithm = 'RS256' | 'ES256'

/** What can be read of a token before its signature is checked: enough to choose the key, nothing to believe. */
export interface TokenForm {
  readonly algorithm: string
  readonly keyId: string | undefined
  readonly issuer: string
}

/**
 * Header members that change how a token is read, or bring a key of the sender's choice along (RFC 7515 §4.1,
 * RFC 7797). Our issuers need none, so each is refused instead of understood.
 */
const REFUSED_MEMBERS = ['crit', 'b64', 'zip', 'cty', 'enc', 'jwk', 'jku', 'x5u', 'x5c'] as const

const TYPES: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'at+jwt'])

/**
 * Checks the outer form of a token (notes: security §5.3): compact, canonical, a plain header.
 *
 * Canonical, because jose accepts padding and a changed last character: then one token would have many
 * spellings, and a deny list by digest could be passed.
 */
export function readTokenForm(token: string, maxTokenBytes: number): TokenForm {
  if (token.length > maxTokenBytes) throw invalidToken('longer than the limit')
  const parts = token.split('.')
  const [header, payload, signature] = parts
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
    throw invalidToken('not a compact JWS')
  }
  decodeCanonical(signature)
  const { alg, kid } = readHeader(header)
  const claims = parseStrictObject(decodeCanonical(payload))
  if (claims === undefined) throw invalidToken('payload is not a plain JSON object')
  const issuer = Object.hasOwn(claims, 'iss') ? claims['iss'] : undefined
  if (typeof issuer !== 'string') throw invalidToken('no issuer')
  return { algorithm: alg, keyId: kid, issuer }
}

function readHeader(part: string): { alg: string; kid: string | undefined } {
  const header = parseStrictObject(decodeCanonical(part))
  if (header === undefined) throw invalidToken('header is not a plain JSON object')
  if (REFUSED_MEMBERS.some((member) => Object.hasOwn(header, member)))
    throw invalidToken('refused header member')
  const { alg, kid, typ } = ownMembers(header)
  if (typeof alg !== 'string') throw invalidToken('no algorithm')
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) throw invalidToken('key id is not a text')
  if (!TYPES.has(typ)) throw invalidToken('not an access token by its type')
  return { alg, kid }
}

function ownMembers(header: JsonObject): Record<'alg' | 'kid' | 'typ', unknown> {
  const own = (name: string): unknown => (Object.hasOwn(header, name) ? header[name] : undefined)
  return { alg: own('alg'), kid: own('kid'), typ: own('typ') }
}

function decodeCanonical(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (part === '' || bytes.toString('base64url') !== part) throw invalidToken('not canonical base64url')
  return bytes
}
