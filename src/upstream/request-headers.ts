import { REQUEST_ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../contract/identity-headers.js'
import { IdentitySigner } from '../contract/identity-signature.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { CallerFacts } from '../kernel/upstream-call.js'
import type { UpstreamOptions } from './options.js'
import { toTraceparent } from './trace-context.js'
import { createWriteIdentity } from './written-identity.js'

/** Name, value, name, value: the form that undici sends without another copy. */
export type FlatHeaders = string[]

/** Writes the headers of one subgraph request. */
export type WriteHeaders = (caller: CallerFacts, body: string) => FlatHeaders

/**
 * Prepares how headers are written for the subgraphs (contract §4).
 *
 * Made from the verified principal and nothing else: no header of the client, its credentials least of all,
 * is ever copied.
 */
export function createHeaderWriter(options: UpstreamOptions, clock: Clock): WriteHeaders {
  const { secret } = options.signing
  const mode =
    options.identityHeaders === 'auto' ? (secret === '' ? 'plain' : 'signed') : options.identityHeaders
  if (mode === 'none') return writeCommon
  const writeIdentity = createWriteIdentity()
  if (mode === 'plain') {
    return (caller) => {
      const headers = writeCommon(caller)
      headers.push(...writeIdentity(caller.principal).headers)
      return headers
    }
  }
  const signer = new IdentitySigner(secret)
  return (caller, body) => {
    const headers = writeCommon(caller)
    const identity = writeIdentity(caller.principal)
    const timestamp = String(Math.floor(clock.now() / 1_000))
    const signature = signer.sign(identity.signed, timestamp, body)
    headers.push(...identity.headers, TIMESTAMP_HEADER, timestamp, SIGNATURE_HEADER, signature)
    return headers
  }
}

function writeCommon({ requestId, client }: CallerFacts): FlatHeaders {
  return [
    'content-type',
    'application/json',
    'accept',
    'application/graphql-response+json, application/json;q=0.9',
    REQUEST_ID_HEADER,
    requestId,
    'x-forwarded-for',
    client.address,
    'traceparent',
    toTraceparent(requestId, client.traceparent),
  ]
}
