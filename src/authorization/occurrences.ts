import { Kind, type FieldNode, type GraphQLSchema, type SelectionSetNode } from 'graphql'
import { fragmentsByName } from '../kernel/fragments-by-name.js'
import { isIncluded } from '../kernel/is-included.js'
import type { OperationRecord, VariableValues } from '../kernel/operation.js'
import type { PossibleTypes, TypeSet } from './possible-types.js'

/** One place where an operation selects a field, with its fragments spread out. */
export interface Occurrence {
  readonly node: FieldNode
  /** Response keys from the root to the field, without list indices. */
  readonly path: readonly string[]
  /** The type on which the field is written: the enclosing field's, or that of the nearest fragment. */
  readonly staticParent: string
  /** The object types under which this place is reached. */
  readonly parentTypes: TypeSet
}

/** Where in an operation a selection set stands. */
export interface Place {
  readonly path: readonly string[]
  readonly staticParent: string
  readonly parentTypes: TypeSet
}

/** The place of an operation's own selection set. */
export function rootPlace(schema: GraphQLSchema, operation: OperationRecord): Place {
  const root = schema.getRootType(operation.operation.operation)
  if (!root) throw new Error(`The policy does not cover ${operation.type} operations.`)
  return { path: [], staticParent: root.name, parentTypes: new Set([root.name]) }
}

/** The place of a fragment's selection set inside `place`. */
export function insideFragment(place: Place, condition: string | undefined, types: PossibleTypes): Place {
  if (condition === undefined) return place
  return { ...place, staticParent: condition, parentTypes: types.narrowed(place.parentTypes, condition) }
}

/** The place of a field's own selection set. */
export function insideField(place: Place, node: FieldNode, types: PossibleTypes): Place {
  return {
    path: [...place.path, keyOf(node)],
    staticParent: types.returnTypeName(place.staticParent, node.name.value),
    parentTypes: types.returned(place.parentTypes, node.name.value),
  }
}

export function keyOf(node: FieldNode): string {
  return node.alias?.value ?? node.name.value
}

/** True for fields that graphql itself answers and whose selections hold no data. */
export function isSchemaField(node: FieldNode): boolean {
  return node.name.value === '__schema' || node.name.value === '__type'
}

/**
 * Visits every field that an operation selects, `__typename` included and introspection left out.
 *
 * With variables it leaves out what `@skip` and `@include` leave out; without them it visits everything that
 * some variables could select.
 */
export function eachOccurrence(
  schema: GraphQLSchema,
  types: PossibleTypes,
  operation: OperationRecord,
  visit: (occurrence: Occurrence) => void,
  variables?: VariableValues,
): void {
  const fragments = fragmentsByName(operation.document)
  const walk = (selectionSet: SelectionSetNode, place: Place): void => {
    for (const selection of selectionSet.selections) {
      if (variables !== undefined && !isIncluded(selection, variables)) continue
      if (selection.kind === Kind.FIELD) {
        if (isSchemaField(selection)) continue
        visit({
          node: selection,
          path: [...place.path, keyOf(selection)],
          staticParent: place.staticParent,
          parentTypes: place.parentTypes,
        })
        if (selection.selectionSet) walk(selection.selectionSet, insideField(place, selection, types))
        continue
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
      if (!fragment) throw new Error(`The operation spreads an unknown fragment.`)
      walk(fragment.selectionSet, insideFragment(place, fragment.typeCondition?.name.value, types))
    }
  }
  walk(operation.operation.selectionSet, rootPlace(schema, operation))
}
