import { Kind, type DirectiveNode, type SelectionNode, type SelectionSetNode } from 'graphql'
import { conditionOf } from '../../kernel/condition-variables.js'
import { fragmentsByName, type FragmentsByName } from '../../kernel/fragments-by-name.js'
import type { OperationRecord } from '../../kernel/operation.js'

/** The part of an operation that subgraphs answer. */
export interface RemoteOperation {
  /** Holds no named fragment. */
  readonly selections: readonly SelectionNode[]
  /** All fragments of the document; the selections below the root may spread them. */
  readonly fragments: FragmentsByName
}

const LOCAL_FIELDS: ReadonlySet<string> = new Set(['__typename', '__schema', '__type'])

/**
 * Takes out of the root what the gateway answers itself; undefined if nothing is left.
 *
 * Planners ask a subgraph for a root `__typename` and fail on introspection. Root fragments are written out, since
 * one may hold both kinds.
 */
export function remoteOperation(record: OperationRecord): RemoteOperation | undefined {
  const fragments = fragmentsByName(record.document)
  const selections = remoteSelections(record.operation.selectionSet, fragments)
  return selections.length === 0 ? undefined : { selections, fragments }
}

function remoteSelections(selectionSet: SelectionSetNode, fragments: FragmentsByName): SelectionNode[] {
  return selectionSet.selections.flatMap((node): SelectionNode[] => {
    if (isRuledOut(node)) return []
    switch (node.kind) {
      case Kind.FIELD:
        return LOCAL_FIELDS.has(node.name.value) ? [] : [node]
      case Kind.INLINE_FRAGMENT:
        return inlineFragment(node, node.selectionSet, fragments)
      case Kind.FRAGMENT_SPREAD: {
        const fragment = fragments.get(node.name.value)
        return fragment ? inlineFragment(node, fragment.selectionSet, fragments) : []
      }
    }
  })
}

/** A root fragment can only be on the root type, so its type condition says nothing and is left out. */
function inlineFragment(
  { directives = [] }: { readonly directives?: readonly DirectiveNode[] | undefined },
  selectionSet: SelectionSetNode,
  fragments: FragmentsByName,
): SelectionNode[] {
  const selections = remoteSelections(selectionSet, fragments)
  const conditions = directives.filter((directive) => conditionOf(directive) !== undefined)
  if (selections.length === 0 || conditions.length === 0) return selections
  return [
    {
      kind: Kind.INLINE_FRAGMENT,
      directives: conditions,
      selectionSet: { kind: Kind.SELECTION_SET, selections },
    },
  ]
}

/** Says whether a literal `@skip(if: true)` or `@include(if: false)` stands on the selection. */
export function isRuledOut(node: SelectionNode): boolean {
  return (node.directives ?? []).some((directive) => {
    const condition = conditionOf(directive)
    return condition?.kind === Kind.BOOLEAN && condition.value === (directive.name.value === 'skip')
  })
}
