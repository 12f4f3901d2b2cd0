import { createHash } from 'node:crypto'
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
import type { OperationRecord } from '../kernel/operation.js'
import {
  fragmentsOf,
  insideField,
  insideFragment,
  isSchemaField,
  keyOf,
  rootPlace,
  type Fragments,
  type Place,
} from './occurrences.js'
import type { PossibleTypes } from './possible-types.js'

/** The response key under which a field is kept alive whose own selections were all refused. */
export const HIDDEN_TYPENAME = '__gatehouse_typename'

const HIDDEN: FieldNode = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: HIDDEN_TYPENAME },
  name: { kind: Kind.NAME, value: '__typename' },
}

/**
 * Takes denied fields out of an operation; `null` when nothing is left at its root.
 *
 * Named fragments are written out where they are spread, because one fragment may lose a field under one parent
 * and keep it under another. A field that loses its whole selection still runs, with a hidden `__typename`: its
 * own null must show, and an allowed mutation must have its effect.
 */
export function pruneOperation(
  schema: GraphQLSchema,
  types: PossibleTypes,
  operation: OperationRecord,
  denials: readonly Denial[],
): OperationRecord | null {
  const pruning = new Pruning(types, fragmentsOf(operation), denials)
  const selections = pruning.selections(operation.operation.selectionSet, rootPlace(schema, operation))
  return selections.length === 0 ? null : toRecord(operation, selections)
}

class Pruning {
  readonly #types: PossibleTypes
  readonly #fragments: Fragments
  /** Denied parent types by path. */
  readonly #denied = new Map<string, Set<string>>()

  constructor(types: PossibleTypes, fragments: Fragments, denials: readonly Denial[]) {
    this.#types = types
    this.#fragments = fragments
    for (const { path, parentTypes } of denials) {
      const key = path.join('.')
      const denied = this.#denied.get(key) ?? new Set()
      for (const typeName of parentTypes) denied.add(typeName)
      this.#denied.set(key, denied)
    }
  }

  selections(selectionSet: SelectionSetNode, place: Place): readonly SelectionNode[] {
    return selectionSet.selections.flatMap((selection) =>
      selection.kind === Kind.FIELD
        ? (this.#field(selection, place) ?? [])
        : (this.#fragment(this.#inlined(selection), place) ?? []),
    )
  }

  #field(node: FieldNode, place: Place): FieldNode | undefined {
    if (this.#isDenied(node, place)) return undefined
    if (!node.selectionSet) return node
    if (isSchemaField(node)) return this.#spreadOut(node)
    const inner = insideField(place, node, this.#types)
    const selections = this.selections(node.selectionSet, inner)
    return {
      ...node,
      selectionSet: { kind: Kind.SELECTION_SET, selections: selections.length === 0 ? [HIDDEN] : selections },
    }
  }

  #fragment(node: InlineFragmentNode, place: Place): InlineFragmentNode | undefined {
    const inner = insideFragment(place, node.typeCondition?.name.value, this.#types)
    const selections = this.selections(node.selectionSet, inner)
    return selections.length === 0
      ? undefined
      : { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections } }
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
  const hash = createHash('sha256')
    .update(`${source}\n${original.name ?? ''}`)
    .digest('hex')
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
