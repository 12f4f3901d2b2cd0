import {
  Kind,
  print,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { OperationRecord } from '../../kernel/operation.js'
import type { PlannableOperation } from './planner.js'

const LOCAL_FIELDS: ReadonlySet<string> = new Set(['__typename', '__schema', '__type'])

/**
 * Writes the operation down for a planner, without what the gateway answers itself; empty if nothing is left.
 *
 * A mutation becomes one operation per root field, to be planned and run one after another: the native planner lets
 * a second mutation run beside the entity fetches of the first, which GraphQL forbids (specification §6.2.2).
 *
 * Planners ask a subgraph for a root `__typename` and fail on introspection. Selections that a literal `@skip` or
 * `@include` rules out go too, because the native planner fails where they were the only ones.
 */
export function plannableOperations(record: OperationRecord): readonly PlannableOperation[] {
  const fragments = fragmentsOf(record.document)
  const selections = remoteSelections(record.operation.selectionSet, fragments)
  if (selections.length === 0) return []
  const parts = record.type === 'mutation' ? byResponseKey(selections) : [selections]
  return parts.map((part) => write(record, part, fragments))
}

function write(
  { operation, name }: OperationRecord,
  selections: readonly SelectionNode[],
  fragments: Fragments,
): PlannableOperation {
  const reduced: OperationDefinitionNode = {
    ...operation,
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  }
  const definitions = [reduced, ...usedFragments(reduced, fragments)].map(dropRuledOut)
  return { source: print({ kind: Kind.DOCUMENT, definitions }), name }
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

function fragmentsOf(document: DocumentNode): Fragments {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  )
}

/** The root fields that subgraphs answer; root fragments are written out, since one may hold both kinds. */
function remoteSelections(selectionSet: SelectionSetNode, fragments: Fragments): SelectionNode[] {
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

/** Groups root selections by the key of their field, in the order of its first mention. */
function byResponseKey(selections: readonly SelectionNode[]): readonly SelectionNode[][] {
  const groups = new Map<string, SelectionNode[]>()
  for (const { key, node } of selections.flatMap(singleFields)) {
    const group = groups.get(key)
    if (group) group.push(node)
    else groups.set(key, [node])
  }
  return [...groups.values()]
}

/** Takes a selection apart so that each part holds one root field, under the conditions that it had. */
function singleFields(node: SelectionNode): { readonly key: string; readonly node: SelectionNode }[] {
  if (node.kind === Kind.FIELD) return [{ key: (node.alias ?? node.name).value, node }]
  if (node.kind === Kind.FRAGMENT_SPREAD) return []
  return node.selectionSet.selections.flatMap(singleFields).map((field) => ({
    key: field.key,
    node: { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections: [field.node] } },
  }))
}

/** A root fragment can only be on the root type, so its type condition says nothing and is left out. */
function inlineFragment(
  { directives = [] }: { readonly directives?: readonly DirectiveNode[] | undefined },
  selectionSet: SelectionSetNode,
  fragments: Fragments,
): SelectionNode[] {
  const selections = remoteSelections(selectionSet, fragments)
  const conditions = directives.filter(isCondition)
  if (selections.length === 0 || conditions.length === 0) return selections
  return [
    {
      kind: Kind.INLINE_FRAGMENT,
      directives: conditions,
      selectionSet: { kind: Kind.SELECTION_SET, selections },
    },
  ]
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include'
}

/** Says whether a literal `@skip(if: true)` or `@include(if: false)` stands on the selection. */
function isRuledOut(node: SelectionNode): boolean {
  return (node.directives ?? []).some((directive) => {
    const condition = directive.arguments?.[0]?.value
    if (!isCondition(directive) || condition?.kind !== Kind.BOOLEAN) return false
    return condition.value === (directive.name.value === 'skip')
  })
}

const TYPENAME: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

/** An object whose every field is ruled out still has to be fetched, to know whether it is there. */
function dropRuledOut<Node extends OperationDefinitionNode | FragmentDefinitionNode>(definition: Node): Node {
  return visit(definition, {
    SelectionSet: {
      enter: ({ selections, ...node }) => {
        const kept = selections.filter((selection) => !isRuledOut(selection))
        if (kept.length === selections.length) return undefined
        return { ...node, selections: kept.length > 0 ? kept : [TYPENAME] }
      },
    },
  })
}

function usedFragments(operation: OperationDefinitionNode, fragments: Fragments): FragmentDefinitionNode[] {
  const used = new Set<FragmentDefinitionNode>()
  const collect = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value)
        if (fragment === undefined || used.has(fragment)) return
        used.add(fragment)
        collect(fragment)
      },
    })
  }
  collect(operation)
  return [...used]
}
