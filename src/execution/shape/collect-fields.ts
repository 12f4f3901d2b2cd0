import {
  isAbstractType,
  Kind,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import type { FragmentsByName } from '../../kernel/fragments-by-name.js'
import { isIncluded } from '../../kernel/is-included.js'
import type { VariableValues } from '../../kernel/operation.js'
import type { PlanKey } from '../../kernel/plan-keys.js'

/** What collecting fields depends on besides the selections themselves. */
export interface SelectionScope {
  readonly schema: GraphQLSchema
  readonly fragments: FragmentsByName
  /** The values of the variables in `@skip` and `@include`. */
  readonly conditions: VariableValues
  /** Says whether an object of this type may be of one that clients must not see. */
  readonly hidesTypes: (type: GraphQLAbstractType) => boolean
  readonly planKey: PlanKey
  /** Says whether the supergraph has an object type of this name. */
  readonly isObjectName: (name: string) => boolean
}

/** The fields of an object by response key, in the order of the answer; several nodes merge into one field. */
export type CollectedFields = ReadonlyMap<string, readonly FieldNode[]>

/**
 * Collects the fields that selections ask of one type (GraphQL specification §6.3.2).
 *
 * For an interface they are those that every object of it has; `onLeftOut` hears of fragments for some only.
 */
export function collectFields(
  scope: SelectionScope,
  type: GraphQLObjectType | GraphQLInterfaceType,
  selectionSets: readonly SelectionSetNode[],
  onLeftOut?: () => void,
): CollectedFields {
  const fields = new Map<string, FieldNode[]>()
  const visited = new Set<string>()

  function collect(selectionSet: SelectionSetNode): void {
    for (const selection of selectionSet.selections) {
      if (!isIncluded(selection, scope.conditions)) continue
      if (selection.kind === Kind.FIELD) add(selection)
      else if (selection.kind === Kind.INLINE_FRAGMENT) enter(selection.typeCondition?.name.value, selection)
      else spread(selection.name.value)
    }
  }

  function add(field: FieldNode): void {
    const key = field.alias?.value ?? field.name.value
    const nodes = fields.get(key)
    if (nodes) nodes.push(field)
    else fields.set(key, [field])
  }

  function enter(condition: string | undefined, fragment: { readonly selectionSet: SelectionSetNode }): void {
    if (condition === undefined || isFulfilled(scope.schema, condition, type)) collect(fragment.selectionSet)
    else onLeftOut?.()
  }

  function spread(name: string): void {
    const fragment = scope.fragments.get(name)
    if (!fragment || visited.has(name)) return
    visited.add(name)
    enter(fragment.typeCondition.name.value, fragment)
  }

  for (const selectionSet of selectionSets) collect(selectionSet)
  return fields
}

function isFulfilled(
  schema: GraphQLSchema,
  condition: string,
  type: GraphQLObjectType | GraphQLInterfaceType,
): boolean {
  if (condition === type.name) return true
  const conditionType = schema.getType(condition)
  return isAbstractType(conditionType) && schema.isSubType(conditionType, type)
}
