import type { OperationDefinitionNode } from 'graphql'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Principal } from '../kernel/principal.js'
import type { IntrospectionOptions } from './options.js'

/** Operations that ask for `__schema` or `__type`, however deep in fragments. */
export type Introspecting = ReadonlySet<OperationDefinitionNode>

/** Raises INTROSPECTION_DISABLED where a caller may not see what the graph is made of. */
export type AssertMayIntrospect = (caller: Principal) => void

/**
 * Makes the check of callers who introspect.
 *
 * A document is known for all callers alike, so that who may ask it is looked at for each request and not when it is
 * parsed.
 */
export function createIntrospectionCheck(
  { allow, scopes }: IntrospectionOptions,
  production: boolean,
): AssertMayIntrospect {
  const rule = allow === 'auto' ? (production ? 'scoped' : 'everyone') : allow
  return (caller) => {
    const may = rule === 'everyone' || (rule === 'scoped' && scopes.some((scope) => caller.scopes.has(scope)))
    if (!may) throw new GatewayError('INTROSPECTION_DISABLED', 'Introspection is off for this caller.')
  }
}
