import {
  isInterfaceType,
  isNonNullType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { collectFields, type CollectedFields, type SelectionScope } from './collect-fields.js'
import { compileComplete, type Complete, type CompleteObject, type Selections } from './completer.js'
import { compileFieldLoop, type ShapedField } from './field-loop.js'

/** Compiles selection sets that stand at one place of an operation, for each object type that turns up there. */
export function compileSelections(
  scope: SelectionScope,
  selectionSets: readonly SelectionSetNode[],
): Selections {
  const known = new Map<GraphQLObjectType, CompleteObject>()
  return {
    typenameKeys: typenameKeys(scope, selectionSets),
    forType: (type) => {
      const compiled = known.get(type) ?? compileObjectFields(scope, type, selectionSets)
      known.set(type, compiled)
      return compiled
    },
    forAnyType: (type) => compileCommonFields(scope, type, selectionSets),
  }
}

function compileObjectFields(
  scope: SelectionScope,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): CompleteObject {
  return compileFieldLoop(type.name, compileFields(scope, type, collectFields(scope, type, selectionSets)))
}

/**
 * Planners may leave `__typename` out where nothing depends on it: every field is one of the interface, and
 * whatever the object is, clients may see it.
 */
function compileCommonFields(
  scope: SelectionScope,
  type: GraphQLAbstractType,
  selectionSets: readonly SelectionSetNode[],
): CompleteObject | undefined {
  if (!isInterfaceType(type) || scope.hidesTypes(type)) return undefined
  let isCommon = true
  const collected = collectFields(scope, type, selectionSets, () => (isCommon = false))
  for (const [node] of collected.values()) isCommon &&= node?.name.value !== '__typename'
  return isCommon ? compileFieldLoop(undefined, compileFields(scope, type, collected)) : undefined
}

function compileFields(
  scope: SelectionScope,
  type: GraphQLObjectType | GraphQLInterfaceType,
  collected: CollectedFields,
): readonly ShapedField[] {
  return [...collected].flatMap(([key, nodes]) => compileField(scope, type, key, nodes) ?? [])
}

function compileField(
  scope: SelectionScope,
  type: GraphQLObjectType | GraphQLInterfaceType,
  key: string,
  nodes: readonly FieldNode[],
): ShapedField | undefined {
  const name = nodes[0]?.name.value ?? ''
  if (name === '__typename') return local(key, () => type.name)
  if (isIntrospection(scope.schema, type, name)) {
    return local(key, (_value, _trail, _key, shaping) => shaping.introspected(key))
  }
  const definition = type.getFields()[name]
  if (!definition) return undefined
  const complete = compileComplete(definition.type, {
    coordinate: `${type.name}.${name}`,
    selections: compileSelections(scope, innerSelectionSets(nodes)),
    findType: (typeName, abstractType) => findType(scope.schema, typeName, abstractType),
  })
  return { key, nullable: !isNonNullType(definition.type), complete }
}

/** Says whether a root field is answered from the API schema (GraphQL specification §4). */
export function isIntrospection(
  schema: GraphQLSchema,
  type: GraphQLObjectType | GraphQLInterfaceType,
  fieldName: string,
): boolean {
  return type === schema.getQueryType() && (fieldName === '__schema' || fieldName === '__type')
}

function local(key: string, complete: Complete): ShapedField {
  return { key, nullable: true, complete }
}

function innerSelectionSets(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
  return nodes.flatMap((node) => (node.selectionSet ? [node.selectionSet] : []))
}

function findType(
  schema: GraphQLSchema,
  name: string,
  abstractType: GraphQLAbstractType,
): GraphQLObjectType | undefined {
  const type = schema.getType(name)
  return isObjectType(type) && schema.isSubType(abstractType, type) ? type : undefined
}

/** Aliases of `__typename` in fragments do not count: under another type their key may mean another field. */
function typenameKeys(scope: SelectionScope, selectionSets: readonly SelectionSetNode[]): readonly string[] {
  const aliases = selectionSets.flatMap(({ selections }) =>
    selections.flatMap((selection) =>
      selection.kind === Kind.FIELD && selection.name.value === '__typename' && scope.isIncluded(selection)
        ? [selection.alias?.value ?? '__typename']
        : [],
    ),
  )
  return [...new Set(['__typename', ...aliases])]
}
