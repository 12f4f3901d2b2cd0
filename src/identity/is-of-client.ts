import type { MachinesOptions } from './options.js'
import { readClaim, type Claims } from './read-claim.js'

/** Says whether a token is one of a client that speaks for itself, and not for a user. */
export type IsOfClient = (payload: Claims, subject: string) => boolean

/**
 * Makes the test for an issuer: by RFC 9068 §2.2, and by what else it has for its clients.
 *
 * A token that has an actor was given in exchange for that of a user (RFC 8693 §4.1), whose name may be the client's as
 * well: it is his, whatever its issuer says.
 */
export function createIsOfClient(machines?: MachinesOptions): IsOfClient {
  const isMarked = createIsMarked(machines)
  return (payload, subject) =>
    payload['act'] === undefined && (payload['client_id'] === subject || isMarked(payload, subject))
}

function createIsMarked(machines: MachinesOptions | undefined): IsOfClient {
  if (machines === undefined) return () => false
  const { claim, pattern } = machines
  if (pattern === undefined) return (payload, subject) => readClaim(payload, claim) === subject
  const marked = new RegExp(pattern, 'u')
  return (payload) => {
    const value = readClaim(payload, claim)
    return typeof value === 'string' && marked.test(value)
  }
}
