import {
  defaultFieldResolver,
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsByName } from '../kernel/fragments-by-name.js'
import { hasVariable } from '../kernel/has-variable.js'
import { isIncluded } from '../kernel/is-included.js'
import type { OperationRecord, VariableValues } from '../kernel/operation.js'
import { keyOf } from './occurrences.js'
import type { SyntheticObject, SyntheticObjects } from './synthetic-resolvers.js'

/** A resolver of a policy library at one place of an operation: what would be put to it, prepared. */
export interface Question {
  readonly resolve: GraphQLFieldResolver<unknown, object>
  readonly parent: SyntheticObject
  readonly readArguments: (variables: VariableValues) => Record<string, unknown>
  /** Complete but for the values of the variables. */
  readonly info: GraphQLResolveInfo
  /** Response keys from the root to the field, without list indices. */
  readonly path: readonly string[]
  /** True where several ways lead to it, because there are abstract types above; it is put once. */
  readonly isShared: boolean
  /** What is asked only when the answer is yes. */
  readonly below: readonly Question[]
}

/** All questions of an operation; the steps, one per root field of a mutation, are put one after the other. */
export type Questionnaire = readonly (readonly Question[])[]

/** The policy schema before and after a library changed some of its resolvers, and the objects of both. */
export interface PolicySchemas {
  readonly plain: GraphQLSchema
  readonly transformed: GraphQLSchema
  readonly objects: SyntheticObjects
}

type Path = GraphQLResolveInfo['path']

/** An object in the synthetic response: the selections on it, its type and its place. */
interface Spot {
  readonly type: GraphQLObjectType
  readonly object: SyntheticObject
  readonly path: Path | undefined
  readonly keys: readonly string[]
  readonly isShared: boolean
}

/**
 * Finds what an execution of the operation on the policy schema would ask, without executing it per request.
 *
 * Objects there are the same for every request, so the way through them is known once the variables of `@skip`
 * and `@include` are: only resolvers that a library has changed are left to be called. Raises for a
 * condition without a value, and for a field that the policy does not have.
 */
export function prepareQuestions(
  schemas: PolicySchemas,
  operation: OperationRecord,
  variables: VariableValues,
): Questionnaire {
  return new Preparation(schemas, operation, variables).prepare()
}

class Preparation {
  readonly #schemas: PolicySchemas
  readonly #record: OperationRecord
  readonly #variables: VariableValues
  readonly #fragments: Readonly<Record<string, FragmentDefinitionNode>>
  /** Fields under abstract types, which are reached in several ways: nested k types deep d, in k^d. */
  readonly #shared = new Map<string, readonly Question[]>()
  readonly #numbers = new Map<FieldNode, number>()

  constructor(schemas: PolicySchemas, record: OperationRecord, variables: VariableValues) {
    this.#schemas = schemas
    this.#record = record
    this.#variables = variables
    this.#fragments = Object.fromEntries(fragmentsByName(record.document))
  }

  prepare(): Questionnaire {
    const { operation } = this.#record
    const type = this.#schemas.transformed.getRootType(operation.operation)
    if (!type) throw new Error(`The policy does not cover ${operation.operation} operations.`)
    const object = this.#schemas.objects.root
    const root: Spot = { type, object, path: undefined, keys: [], isShared: false }
    const byField = this.#fieldsOf(type, [operation.selectionSet]).map((nodes) => this.#atField(root, nodes))
    const steps = this.#record.type === 'mutation' ? byField : [byField.flat()]
    return steps.filter((questions) => questions.length > 0)
  }

  #atField(spot: Spot, nodes: FieldNodes): readonly Question[] {
    const [node] = nodes
    // Introspection: answered by graphql itself, and no data.
    if (node.name.value.startsWith('__')) return []
    if (!spot.isShared) return this.#askAtField(spot, nodes)
    const numbers = nodes.map((one) => this.#numberOf(one)).join(',')
    const place = `${[...spot.keys, keyOf(node)].join('.')}|${spot.type.name}|${numbers}`
    const questions = this.#shared.get(place) ?? this.#askAtField(spot, nodes)
    this.#shared.set(place, questions)
    return questions
  }

  #askAtField(spot: Spot, nodes: FieldNodes): readonly Question[] {
    const [node] = nodes
    const { type } = spot
    const field = fieldOf(this.#schemas.transformed, type.name, node.name.value)
    const keys = [...spot.keys, keyOf(node)]
    const path: Path = { prev: spot.path, key: keyOf(node), typename: type.name }
    const below = this.#belowField(field, nodes, { path, keys, isShared: spot.isShared })
    const plain = fieldOf(this.#schemas.plain, type.name, node.name.value)
    if (field.resolve === plain.resolve) return below
    const question: Question = {
      resolve: field.resolve ?? defaultFieldResolver,
      parent: spot.object,
      readArguments: argumentReader(field, node),
      info: this.#infoOf(field, nodes, type, path),
      path: keys,
      isShared: spot.isShared,
      below,
    }
    return [question]
  }

  #belowField(
    field: GraphQLField<unknown, unknown>,
    nodes: FieldNodes,
    place: Pick<Spot, 'keys' | 'isShared'> & { readonly path: Path },
  ): readonly Question[] {
    const type = getNamedType(field.type)
    if (isObjectType(type))
      return this.#inObject({ ...place, type, object: this.#schemas.objects.of(type.name) }, nodes)
    if (!isAbstractType(type)) return []
    const found = new Set<Question>()
    for (const [index, member] of this.#schemas.transformed.getPossibleTypes(type).entries()) {
      const path = { prev: place.path, key: index, typename: undefined }
      const spot = {
        ...place,
        path,
        isShared: true,
        type: member,
        object: this.#schemas.objects.of(member.name),
      }
      for (const question of this.#inObject(spot, nodes)) found.add(question)
    }
    return [...found]
  }

  #inObject(spot: Spot, parents: FieldNodes): readonly Question[] {
    const sets = parents.flatMap(({ selectionSet }) => selectionSet ?? [])
    const found = new Set<Question>()
    for (const nodes of this.#fieldsOf(spot.type, sets)) {
      for (const question of this.#atField(spot, nodes)) found.add(question)
    }
    return [...found]
  }

  /** The fields of an object by response key (GraphQL specification §6.3.2, CollectFields). */
  #fieldsOf(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): readonly FieldNodes[] {
    const byKey = new Map<string, [FieldNode, ...FieldNode[]]>()
    const spread = new Set<string>()
    const collect = (set: SelectionSetNode): void => {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FRAGMENT_SPREAD && spread.has(selection.name.value)) continue
        if (!isIncluded(selection, this.#variables)) continue
        if (selection.kind === Kind.FIELD) {
          const nodes = byKey.get(keyOf(selection))
          if (nodes) nodes.push(selection)
          else byKey.set(keyOf(selection), [selection])
          continue
        }
        if (selection.kind === Kind.FRAGMENT_SPREAD) spread.add(selection.name.value)
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments[selection.name.value]
        if (fragment && this.#applies(fragment.typeCondition?.name.value, type))
          collect(fragment.selectionSet)
      }
    }
    for (const set of sets) collect(set)
    return [...byKey.values()]
  }

  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true
    const conditional = this.#schemas.transformed.getType(condition)
    return isAbstractType(conditional) && this.#schemas.transformed.isSubType(conditional, type)
  }

  #infoOf(
    field: GraphQLField<unknown, unknown>,
    fieldNodes: FieldNodes,
    parentType: GraphQLObjectType,
    path: Path,
  ): GraphQLResolveInfo {
    return {
      fieldName: field.name,
      fieldNodes,
      returnType: field.type,
      parentType,
      path,
      schema: this.#schemas.transformed,
      fragments: this.#fragments,
      rootValue: this.#schemas.objects.root,
      operation: this.#record.operation,
      variableValues: {},
    }
  }

  /** Tells nodes apart in a text key; unlike their location, which a built document need not have. */
  #numberOf(node: FieldNode): number {
    const number = this.#numbers.get(node) ?? this.#numbers.size
    this.#numbers.set(node, number)
    return number
  }
}

/** The selections that share one response key; the first speaks for all. */
type FieldNodes = readonly [FieldNode, ...FieldNode[]]

function fieldOf(schema: GraphQLSchema, typeName: string, name: string): GraphQLField<unknown, unknown> {
  const type = schema.getType(typeName)
  const field = isObjectType(type) ? type.getFields()[name] : undefined
  // Never skip what the policy does not know: an operation with such a field is refused as a whole.
  if (field === undefined) throw new Error(`The policy does not cover ${typeName}.${name}.`)
  return field
}

/** What can be coerced is coerced here; each asking gets a copy it may change. */
function argumentReader(field: GraphQLField<unknown, unknown>, node: FieldNode): Question['readArguments'] {
  if (field.args.length === 0) return () => ({})
  const variable = (node.arguments ?? []).filter(({ value }) => hasVariable(value))
  if (variable.length === 0) {
    const values = getArgumentValues(field, node)
    const isFlat = Object.values(values).every((value) => typeof value !== 'object' || value === null)
    return isFlat ? () => ({ ...values }) : () => structuredClone(values)
  }
  const [only] = variable
  if (variable.length > 1 || field.args.length > 1 || only?.value.kind !== Kind.VARIABLE) {
    return (variables) => getArgumentValues(field, node, variables)
  }
  // One argument that is one variable, as in most operations; what it may be was seen to by validation.
  const argument = only.name.value
  const name = only.value.name.value
  return (variables) => {
    const value = variables[name]
    return value === undefined || value === null
      ? getArgumentValues(field, node, variables)
      : { [argument]: value }
  }
}
