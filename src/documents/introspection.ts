import type { OperationDefinitionNode, SelectionSetNode } from 'graphql'
import { Kind } from 'graphql'
import { fragmentsByName, type FragmentsByName } from '../kernel/fragments-by-name.js'
import type { Principal } from '../kernel/principal.js'
import type { KnownDocument } from './known-document.js'
import type { IntrospectionOptions } from './options.js'

/** Operations that ask for `__schema` or `__type`, however deep in fragments. */
export type Introspecting = ReadonlySet<OperationDefinitionNode>

/** Whether a caller may see what the graph is made of. */
export type MayIntrospect = (caller: Principal) => boolean

/**
 * Makes the check of callers who introspect.
 *
 * A document is known for all callers alike, so that who may ask it is looked at for each request and not when it is
 * parsed.
 */
export function createMayIntrospect(
  { allow, scopes }: IntrospectionOptions,
  production: boolean,
): MayIntrospect {
  const rule = allow === 'auto' ? (production ? 'scoped' : 'everyone') : allow
  return (caller) =>
    rule === 'everyone' || (rule === 'scoped' && scopes.some((scope) => caller.scopes.has(scope)))
}

/** Whether each operation of a valid document asks for nothing but what the graph is made of. */
export function introspectsOnly({ document, introspecting }: KnownDocument): boolean {
  if (introspecting.size === 0) return false
  const fragments = fragmentsByName(document)
  return document.definitions.every(
    (definition) =>
      definition.kind !== Kind.OPERATION_DEFINITION || hasMetaFieldsOnly(definition.selectionSet, fragments),
  )
}

/** Ends, because a valid document has no cycle of fragments. */
function hasMetaFieldsOnly({ selections }: SelectionSetNode, fragments: FragmentsByName): boolean {
  return selections.every((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value.startsWith('__')
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : fragments.get(selection.name.value)?.selectionSet
    return inner === undefined || hasMetaFieldsOnly(inner, fragments)
  })
}
