import {
  Kind,
  OperationTypeNode,
  print,
  visit,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql'
import type { FragmentsByName } from '../../kernel/fragments-by-name.js'
import type { CanonicalOperation } from './canonical-operation.js'
import type { PlannableOperation } from './planner.js'

/**
 * Writes an operation down for a planner.
 *
 * A mutation becomes one operation per root field, to be planned and run one after another: the native planner lets
 * a second mutation run beside the entity fetches of the first, which GraphQL forbids (specification §6.2.2).
 */
export function plannableOperations(canonical: CanonicalOperation): readonly PlannableOperation[] {
  const { operation, fragments, text } = canonical
  if (operation.operation !== OperationTypeNode.MUTATION) return [{ source: text }]
  const parts = byResponseKey(operation.selectionSet.selections)
  if (parts.length === 1) return [{ source: text }]
  const byName = new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
  return parts.map((selections) => write(operation, selections, byName))
}

function write(
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
  fragments: FragmentsByName,
): PlannableOperation {
  const part = { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } } as const
  const { spread, variables } = usedNames(part, fragments)
  const variableDefinitions = (part.variableDefinitions ?? []).filter(({ variable }) =>
    variables.has(variable.name.value),
  )
  const definitions = [{ ...part, variableDefinitions }, ...spread]
  return { source: print({ kind: Kind.DOCUMENT, definitions }) }
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

function usedNames(operation: OperationDefinitionNode, fragments: FragmentsByName) {
  const spread = new Set<FragmentDefinitionNode>()
  const variables = new Set<string>()
  const collect = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      VariableDefinition: () => false,
      Variable: ({ name }) => void variables.add(name.value),
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value)
        if (fragment === undefined || spread.has(fragment)) return
        spread.add(fragment)
        collect(fragment)
      },
    })
  }
  collect(operation)
  return { spread, variables }
}
