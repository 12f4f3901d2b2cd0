import type { PropagatedIdentity } from '../../src/contract/identity-headers.js'
import { fault } from './faults.js'

/** Who is asking, as the rules in SQL need it: every statement filters by tenant and most by owner. */
export interface Caller {
  readonly tenantId: string
  /** Absent for anonymous callers. */
  readonly userId: string | undefined
  /** Sees everything of the own tenant, never of another. */
  readonly isAdmin: boolean
}

/** Reads the caller from the identity that the gateway signed. */
export function toCaller(identity: PropagatedIdentity): Caller {
  return {
    tenantId: identity.tenantId,
    userId: identity.userId,
    isAdmin: identity.scopes.includes('admin'),
  }
}

/** The caller's user id, or a refusal for anonymous callers. */
export function signedInUser(caller: Caller): string {
  if (caller.userId === undefined) throw fault('UNAUTHENTICATED', 'You need to be signed in.')
  return caller.userId
}

/** Whether the caller may see what belongs to `ownerId`. */
export function maySee(caller: Caller, ownerId: string): boolean {
  return caller.isAdmin || caller.userId === ownerId
}

/** Of `ownerIds`, those whose personal data the caller may see. */
export function visibleOwners(caller: Caller, ownerIds: readonly string[]): readonly string[] {
  return ownerIds.filter((ownerId) => maySee(caller, ownerId))
}
