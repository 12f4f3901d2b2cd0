/**
 * The signature that lets a subgraph believe the identity headers.
 *
 * HMAC-SHA256 over the identity headers, the timestamp and the digest of the body, so that neither an
 * identity can be invented nor a signed one be put before another body or replayed later.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { IDENTITY_HEADERS, SIGNATURE_HEADER, TIMESTAMP_HEADER } from './identity-headers.js'

/** How far the subgraph's clock may be from the gateway's, and how long a signed request can be replayed. */
export const SIGNATURE_WINDOW_SECONDS = 60

const SCHEME = 'v1'

/** Why a request was not believed; `undefined` where it was. */
export type SignatureFault = 'missing' | 'stale' | 'wrong'

/** Returns the two headers that sign `headers` and `body` at `nowSeconds`. */
export function signIdentity(
  headers: Readonly<Record<string, string | undefined>>,
  body: string | Buffer,
  secret: string,
  nowSeconds: number,
): { readonly [TIMESTAMP_HEADER]: string; readonly [SIGNATURE_HEADER]: string } {
  const timestamp = String(Math.floor(nowSeconds))
  const digest = hmac((name) => headers[name], timestamp, body, secret)
  return { [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: `${SCHEME}=${digest.toString('hex')}` }
}

/**
 * Says whether the headers were signed by a holder of `secret`, for this body, within the window.
 *
 * Headers are looked up by lower-case name; a header sent twice must be given as the joined text, which then
 * does not match. Compares in constant time.
 */
export function verifySignature(
  header: (name: string) => string | undefined,
  body: string | Buffer,
  secret: string,
  nowSeconds: number,
): SignatureFault | undefined {
  const timestamp = header(TIMESTAMP_HEADER)
  const signature = header(SIGNATURE_HEADER)
  if (timestamp === undefined || signature === undefined) return 'missing'
  if (!/^\d{1,12}$/.test(timestamp)) return 'wrong'
  if (Math.abs(nowSeconds - Number(timestamp)) > SIGNATURE_WINDOW_SECONDS) return 'stale'
  const expected = Buffer.from(`${SCHEME}=${hmac(header, timestamp, body, secret).toString('hex')}`)
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected) ? undefined : 'wrong'
}

function hmac(
  header: (name: string) => string | undefined,
  timestamp: string,
  body: string | Buffer,
  secret: string,
): Buffer {
  const bodyDigest = createHash('sha256').update(body).digest('hex')
  // JSON keeps the parts apart: no value can be moved across a border between two headers.
  const text = JSON.stringify([
    SCHEME,
    timestamp,
    bodyDigest,
    IDENTITY_HEADERS.map((name) => header(name) ?? null),
  ])
  return createHmac('sha256', secret).update(text).digest()
}
