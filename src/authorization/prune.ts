import {
  Kind,
  print,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Denial } from '../kernel/denial.js'
import { fragmentsByName, type FragmentsByName } from '../kernel/fragments-by-name.js'
import { hashOperation } from '../kernel/hash-operation.js'
import type { OperationRecord } from '../kernel/operation.js'
import { insideField, insideFragment, isSchemaField, keyOf, rootPlace, type Place } from './occurrences.js'
import type { PossibleTypes } from './possible-types.js'

/** The response key under which a field is kept alive whose own selections were all refused. */
const HIDDEN_TYPENAME = '__gatehouse_typename'

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }
const HIDDEN: FieldNode = { ...TYPENAME, alias: { kind: Kind.NAME, value: HIDDEN_TYPENAME } }

/** What is left of a selection set, and whether anything was taken out of it, its fragments included. */
interface Pruned {
  readonly selections: readonly SelectionNode[]
  readonly isReduced: boolean
}

/**
 * Takes denied fields out of an operation; `null` when nothing is left at its root.
 *
 * Named fragments are written out where they are spread, because one fragment may lose a field under one parent
 * and keep it under another. A field that loses its whole selection still runs, with a hidden `__typename`: its
 * own null must show, and an allowed mutation must have its effect.
 *
 * Under an abstract type the plain `__typename` stays in any case: whoever writes the answer has to know whether an
 * object is of a type that lost a field, and planners do not ask for it where no fragment needs it.
 */
export function pruneOperation(
  schema: GraphQLSchema,
  types: PossibleTypes,
  operation: OperationRecord,
  denials: readonly Denial[],
): OperationRecord | null {
  const pruning = new Pruning(types, fragmentsByName(operation.document), denials)
  const { selections } = pruning.selections(operation.operation.selectionSet, rootPlace(schema, operation))
  return selections.length === 0 ? null : toRecord(operation, selections)
}

class Pruning {
  readonly #types: PossibleTypes
  readonly #fragments: FragmentsByName
  /** Denied parent types by path. */
  readonly #denied = new Map<string, Set<string>>()

  constructor(types: PossibleTypes, fragments: FragmentsByName, denials: readonly Denial[]) {
    this.#types = types
    this.#fragments = fragments
    for (const { path, parentTypes } of denials) {
      const key = path.join('.')
      const denied = this.#denied.get(key) ?? new Set()
      for (const typeName of parentTypes) denied.add(typeName)
      this.#denied.set(key, denied)
    }
  }

  selections(selectionSet: SelectionSetNode, place: Place): Pruned {
    let isReduced = false
    const selections: SelectionNode[] = []
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const kept = this.#field(selection, place)
        if (kept) selections.push(kept)
        else isReduced = true
        continue
      }
      const fragment = this.#inlined(selection)
      const inner = insideFragment(place, fragment.typeCondition?.name.value, this.#types)
      const pruned = this.selections(fragment.selectionSet, inner)
      isReduced ||= pruned.isReduced
      if (pruned.selections.length > 0) selections.push(withSelections(fragment, pruned.selections))
    }
    return { selections, isReduced }
  }

  #field(node: FieldNode, place: Place): FieldNode | undefined {
    if (this.#isDenied(node, place)) return undefined
    if (!node.selectionSet) return node
    if (isSchemaField(node)) return this.#spreadOut(node)
    const inner = insideField(place, node, this.#types)
    const { selections, isReduced } = this.selections(node.selectionSet, inner)
    if (isReduced && this.#types.isAbstract(inner.staticParent)) {
      return withSelections(node, withTypename(selections))
    }
    return withSelections(node, selections.length === 0 ? [HIDDEN] : selections)
  }

  /** Where a place covers several types, refusals cover it whole (see merge-refusals); a part is enough. */
  #isDenied(node: FieldNode, place: Place): boolean {
    const denied = this.#denied.get([...place.path, keyOf(node)].join('.'))
    return denied !== undefined && [...place.parentTypes].some((typeName) => denied.has(typeName))
  }

  /** A spread as the inline fragment that means the same. */
  #inlined(node: Exclude<SelectionNode, FieldNode>): InlineFragmentNode {
    if (node.kind === Kind.INLINE_FRAGMENT) return node
    const fragment = this.#fragments.get(node.name.value)
    if (!fragment) throw new Error('The operation spreads an unknown fragment.')
    return {
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: fragment.typeCondition,
      directives: node.directives ?? [],
      selectionSet: fragment.selectionSet,
    }
  }

  /** Writes out the fragments inside introspection, which is never denied. */
  #spreadOut(node: FieldNode): FieldNode {
    return visit(node, { FragmentSpread: (spread) => this.#inlined(spread) })
  }
}

function withSelections<Node extends FieldNode | InlineFragmentNode>(
  node: Node,
  selections: readonly SelectionNode[],
): Node {
  return { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections } }
}

function withTypename(selections: readonly SelectionNode[]): readonly SelectionNode[] {
  const isThere = selections.some(
    (one) => one.kind === Kind.FIELD && keyOf(one) === '__typename' && (one.directives ?? []).length === 0,
  )
  return isThere ? selections : [...selections, takesTypename(selections) ? HIDDEN : TYPENAME]
}

/** True where a client has another field under the key `__typename`, which graphql-js does not forbid. */
function takesTypename(selections: readonly SelectionNode[]): boolean {
  return selections.some((one) =>
    one.kind === Kind.FIELD
      ? one.alias?.value === '__typename' && one.name.value !== '__typename'
      : 'selectionSet' in one && takesTypename(one.selectionSet.selections),
  )
}

function toRecord(original: OperationRecord, selections: readonly SelectionNode[]): OperationRecord {
  const kept = {
    ...original.operation,
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  } as const satisfies OperationDefinitionNode
  const used = variablesUsed(kept)
  const operation: OperationDefinitionNode = {
    ...kept,
    variableDefinitions: (kept.variableDefinitions ?? []).filter((one) => used.has(one.variable.name.value)),
  }
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation] }
  const source = print(document)
  const hash = hashOperation(source, original.name)
  return { hash, name: original.name, type: original.type, document, operation, source }
}

function variablesUsed(operation: OperationDefinitionNode): ReadonlySet<string> {
  const used = new Set<string>()
  visit(operation, {
    VariableDefinition: () => false,
    Variable: (node) => void used.add(node.name.value),
  })
  return used
}
