import type { Identified, Received } from '../kernel/contexts.js'
import type { Principal } from '../kernel/principal.js'

/** The context of a request whose caller is known, or is known better than before. */
export function withPrincipal(principal: Principal, context: Received): Identified {
  return { ...context, principal }
}
