import type { Identified } from '../kernel/contexts.js'
import { networkOf } from '../kernel/network-of.js'

/**
 * Names the caller in counts: a known caller by its key, an anonymous one by its network.
 *
 * The address comes from the connection or a trusted proxy, never from a header of the client (notes:
 * security, "Trust in proxy headers").
 */
export function toCallerKey({ principal, client }: Pick<Identified, 'principal' | 'client'>): string {
  return principal.kind === 'anonymous' ? networkOf(client.address) : principal.key
}
