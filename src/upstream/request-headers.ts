import {
  IDENTITY_HEADERS,
  REQUEST_ID_HEADER,
  toIdentityHeaders,
  type IdentityHeaderName,
} from '../contract/identity-headers.js'
import { signIdentity } from '../contract/identity-signature.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { Principal } from '../kernel/principal.js'
import type { CallerFacts } from '../kernel/upstream-call.js'
import type { UpstreamOptions } from './options.js'
import { toTraceparent } from './trace-context.js'

type IdentityHeaders = Partial<Record<IdentityHeaderName, string>>

/** Name, value, name, value: the form that undici sends without another copy. */
export type FlatHeaders = string[]

/** Writes the headers of one subgraph request. */
export type WriteHeaders = (caller: CallerFacts, body: Buffer) => FlatHeaders

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
  // A principal is the same object for all requests under one token: its headers are written once.
  const written = new WeakMap<Principal, { headers: IdentityHeaders; flat: FlatHeaders }>()

  const identityOf = (principal: Principal) => {
    let identity = written.get(principal)
    if (identity === undefined) {
      const headers = writeIdentity(principal)
      identity = { headers, flat: IDENTITY_HEADERS.flatMap((name) => toPair(name, headers[name])) }
      written.set(principal, identity)
    }
    return identity
  }

  return (caller, body) => {
    const headers = [
      'content-type',
      'application/json',
      'accept',
      'application/graphql-response+json, application/json;q=0.9',
      REQUEST_ID_HEADER,
      caller.requestId,
      'x-forwarded-for',
      caller.client.address,
      'traceparent',
      toTraceparent(caller.requestId, caller.client.traceparent),
    ]
    if (mode === 'none') return headers
    const identity = identityOf(caller.principal)
    headers.push(...identity.flat)
    if (mode === 'signed') {
      const signature = signIdentity(identity.headers, body, secret, clock.now() / 1000)
      for (const [name, value] of Object.entries(signature)) headers.push(name, value)
    }
    return headers
  }
}

function writeIdentity(principal: Principal): IdentityHeaders {
  return toIdentityHeaders({
    ...(principal.userId === undefined ? {} : { userId: principal.userId }),
    tenantId: principal.tenant,
    plan: principal.plan,
    scopes: [...principal.scopes].sort(),
    roles: principal.roles,
    ...(principal.email === undefined ? {} : { email: principal.email }),
  })
}

function toPair(name: string, value: string | undefined): FlatHeaders {
  return value === undefined ? [] : [name, value]
}
