import {
  isInterfaceType,
  isObjectType,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import type { DataLayout, RawObject } from '../../kernel/fetch-outcome.js'
import { compileRead, type ReadField } from '../../kernel/read-field.js'
import { compileReadTypename, type ReadTypename } from '../../kernel/read-typename.js'
import { collectFields, type CollectedFields, type SelectionScope } from './collect-fields.js'

/** A field of one object type as an operation asks for it. */
export type AskedField = TypenameField | IntrospectionField | DataField

/** The name of the object's type, whatever a subgraph said. */
export interface TypenameField {
  readonly kind: 'typename'
  readonly key: string
  readonly name: string
}

/** `__schema` or `__type`, which are answered without subgraphs. */
export interface IntrospectionField {
  readonly kind: 'introspection'
  readonly key: string
}

/** A field of a subgraph. */
export interface DataField {
  readonly kind: 'data'
  readonly key: string
  /** The key under which the data has it. */
  readonly planKey: string
  /** `Type.field`, for messages. */
  readonly coordinate: string
  readonly type: GraphQLOutputType
  readonly read: ReadField
  /** What is asked of the field's objects. */
  readonly below: Selections
}

/** The selection sets that stand at one place of an operation, read for each object type that turns up there. */
export class Selections {
  readonly #scope: SelectionScope
  readonly #sets: readonly SelectionSetNode[]
  /** The position of the objects. */
  readonly layout: DataLayout
  readonly #fields = new Map<GraphQLObjectType, readonly AskedField[]>()
  #typenameOf: ReadTypename | undefined

  constructor(scope: SelectionScope, sets: readonly SelectionSetNode[], layout: DataLayout) {
    this.#scope = scope
    this.#sets = sets
    this.layout = layout
  }

  /** The fields asked of one object type, in the order of the answer. */
  fieldsOf(type: GraphQLObjectType): readonly AskedField[] {
    let fields = this.#fields.get(type)
    if (fields === undefined) {
      fields = this.#read(type, collectFields(this.#scope, type, this.#sets))
      this.#fields.set(type, fields)
    }
    return fields
  }

  /**
   * The fields asked of objects that do not tell their type; undefined where the type matters.
   *
   * Planners may leave `__typename` out where nothing depends on it: every field is one of the interface, and
   * whatever the object is, clients may see it.
   */
  commonFieldsOf(type: GraphQLAbstractType): readonly AskedField[] | undefined {
    if (!isInterfaceType(type) || this.#scope.hidesTypes(type)) return undefined
    let isCommon = true
    const collected = collectFields(this.#scope, type, this.#sets, () => (isCommon = false))
    for (const [node] of collected.values()) isCommon &&= node?.name.value !== '__typename'
    return isCommon ? this.#read(type, collected) : undefined
  }

  /** The object type of a value in a position of an abstract type; undefined where clients know no such type. */
  typeOf(name: string, abstractType: GraphQLAbstractType): GraphQLObjectType | undefined {
    const { schema } = this.#scope
    const type = schema.getType(name)
    return isObjectType(type) && schema.isSubType(abstractType, type) ? type : undefined
  }

  /**
   * The name that an object gives for its type.
   *
   * The name of an interface says no more than none: it comes from a subgraph that holds the interface as one object
   * (`@interfaceObject`).
   */
  typenameOf(record: RawObject): string | undefined {
    this.#typenameOf ??= compileReadTypename(this.layout, this.#scope.isObjectName)
    const name = this.#typenameOf(record)
    return name !== undefined && isInterfaceType(this.#scope.schema.getType(name)) ? undefined : name
  }

  #read(type: GraphQLObjectType | GraphQLInterfaceType, collected: CollectedFields): readonly AskedField[] {
    const fields: AskedField[] = []
    for (const [key, nodes] of collected) {
      const field = this.#readField(type, key, nodes)
      if (field) fields.push(field)
    }
    return fields
  }

  #readField(
    type: GraphQLObjectType | GraphQLInterfaceType,
    key: string,
    nodes: readonly FieldNode[],
  ): AskedField | undefined {
    const [node] = nodes
    if (node === undefined) return undefined
    const name = node.name.value
    if (name === '__typename') return { kind: 'typename', key, name: type.name }
    if (isIntrospection(this.#scope.schema, type, name)) return { kind: 'introspection', key }
    const definition = type.getFields()[name]
    if (!definition) return undefined
    const planKey = this.#scope.planKey(node)
    return {
      kind: 'data',
      key,
      planKey,
      coordinate: `${type.name}.${name}`,
      type: definition.type,
      read: compileRead(planKey, this.layout),
      below: new Selections(this.#scope, innerSelectionSets(nodes), this.layout.below(planKey)),
    }
  }
}

/** Says whether a root field is answered from the API schema (GraphQL specification §4). */
export function isIntrospection(
  schema: GraphQLSchema,
  type: GraphQLObjectType | GraphQLInterfaceType,
  fieldName: string,
): boolean {
  return type === schema.getQueryType() && (fieldName === '__schema' || fieldName === '__type')
}

function innerSelectionSets(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
  return nodes.flatMap((node) => (node.selectionSet ? [node.selectionSet] : []))
}
