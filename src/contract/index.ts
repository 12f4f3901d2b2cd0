/**
 * What a subgraph needs to believe the gateway, as `gatehouse/contract`.
 *
 * Nothing here leads to the rest of the gateway: a subgraph may as well copy identity-headers.ts,
 * identity-signature.ts and hmac-sha256.ts.
 */
export { fromIdentityHeaders, IDENTITY_HEADERS, type PropagatedIdentity } from './identity-headers.js'
export {
  SIGNATURE_WINDOW_SECONDS,
  verifySignature,
  type HeaderLookup,
  type SignatureFault,
} from './identity-signature.js'
