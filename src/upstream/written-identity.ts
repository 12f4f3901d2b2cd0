import { IDENTITY_HEADERS, toIdentityHeaders } from '../contract/identity-headers.js'
import { toSignedIdentity } from '../contract/identity-signature.js'
import type { Principal } from '../kernel/principal.js'

/** A principal as subgraphs are told of him. */
export interface WrittenIdentity {
  /** Name, value, name, value. */
  readonly headers: readonly string[]
  /** What of him enters the signature. */
  readonly signed: string
}

/** Writes a principal. */
export type WriteIdentity = (principal: Principal) => WrittenIdentity

/**
 * Writes each principal once: he is the same object for all requests under one token.
 *
 * Made from the verified principal and nothing else.
 */
export function createWriteIdentity(): WriteIdentity {
  const written = new WeakMap<Principal, WrittenIdentity>()
  return (principal) => {
    let identity = written.get(principal)
    if (identity === undefined) {
      identity = writeIdentity(principal)
      written.set(principal, identity)
    }
    return identity
  }
}

function writeIdentity(principal: Principal): WrittenIdentity {
  const { userId, tenant, plan, scopes, roles, email } = principal
  const values: Readonly<Record<string, string | undefined>> = toIdentityHeaders({
    ...(userId === undefined ? {} : { userId }),
    tenantId: tenant,
    plan,
    scopes: [...scopes].sort(),
    roles,
    ...(email === undefined ? {} : { email }),
  })
  return {
    headers: IDENTITY_HEADERS.flatMap((name) => {
      const value = values[name]
      return value === undefined ? [] : [name, value]
    }),
    signed: toSignedIdentity((name) => values[name]),
  }
}
