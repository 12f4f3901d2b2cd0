/**
 * The signature that lets a subgraph believe the identity headers.
 *
 * HMAC-SHA256 over the identity headers, the timestamp and the digest of the body, so that neither an
 * identity can be invented nor a signed one be put before another body or replayed later.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import { HmacSha256 } from './hmac-sha256.js'
import { IDENTITY_HEADERS, SIGNATURE_HEADER, TIMESTAMP_HEADER } from './identity-headers.js'

/** How far the subgraph's clock may be from the gateway's, and how long a signed request can be replayed. */
export const SIGNATURE_WINDOW_SECONDS = 60

const SCHEME = 'v1'

/** Why a request was not believed; `undefined` where it was. */
export type SignatureFault = 'missing' | 'stale' | 'wrong'

/** Looks a header up by its lower-case name. */
export type HeaderLookup = (name: string) => string | undefined

/** Signs under one secret; for whoever signs the same identity again and again. */
export class IdentitySigner {
  readonly #code: HmacSha256

  constructor(secret: string) {
    this.#code = new HmacSha256(secret)
  }

  /** Makes the signature header of a body; `identity` is from {@link toSignedIdentity}, `timestamp` in whole seconds. */
  sign(identity: string, timestamp: string, body: string | Buffer): string {
    const bodyDigest = hash('sha256', body, 'hex')
    return `${SCHEME}=${this.#code.hex(`["${SCHEME}","${timestamp}","${bodyDigest}",${identity}]`)}`
  }
}

/**
 * The identity headers in the form that enters the signature.
 *
 * JSON keeps the parts apart: no value can be moved across a border between two headers.
 */
export function toSignedIdentity(header: HeaderLookup): string {
  return JSON.stringify(IDENTITY_HEADERS.map((name) => header(name) ?? null))
}

/** Returns the two headers that sign `headers` and `body` at `nowSeconds`. */
export function signIdentity(
  headers: Readonly<Record<string, string | undefined>>,
  body: string | Buffer,
  secret: string,
  nowSeconds: number,
): { readonly [TIMESTAMP_HEADER]: string; readonly [SIGNATURE_HEADER]: string } {
  const timestamp = String(Math.floor(nowSeconds))
  const identity = toSignedIdentity((name) => headers[name])
  const signature = signerOf(secret).sign(identity, timestamp, body)
  return { [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: signature }
}

/**
 * Says whether the headers were signed by a holder of `secret`, for this body, within the window.
 *
 * Headers are looked up by lower-case name; a header sent twice must be given as the joined text, which then
 * does not match. Compares in constant time.
 */
export function verifySignature(
  header: HeaderLookup,
  body: string | Buffer,
  secret: string,
  nowSeconds: number,
): SignatureFault | undefined {
  const timestamp = header(TIMESTAMP_HEADER)
  const signature = header(SIGNATURE_HEADER)
  if (timestamp === undefined || signature === undefined) return 'missing'
  if (!/^\d{1,12}$/.test(timestamp)) return 'wrong'
  if (Math.abs(nowSeconds - Number(timestamp)) > SIGNATURE_WINDOW_SECONDS) return 'stale'
  const expected = Buffer.from(signerOf(secret).sign(toSignedIdentity(header), timestamp, body))
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected) ? undefined : 'wrong'
}

/** A process has one secret, so that remembering the last one is enough. */
let last: { readonly secret: string; readonly signer: IdentitySigner } | undefined

function signerOf(secret: string): IdentitySigner {
  if (last?.secret !== secret) last = { secret, signer: new IdentitySigner(secret) }
  return last.signer
}
