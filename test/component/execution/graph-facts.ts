/** What the schemas of all subgraphs together say about fields: what they return, what they rest on. */
import {
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
  type ASTNode,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { selectionSetOf } from '../../support/entity-keys.js'

/** Coordinates are `Type.field` with object types of the whole graph, never interfaces. */
export interface GraphFacts {
  /** Part of a key: never null, and made of what identifies the object. */
  readonly keys: ReadonlySet<string>
  /** Part of a key or of a requirement: never an error, for what follows from that is not the same everywhere. */
  readonly steady: ReadonlySet<string>
  readonly requires: ReadonlyMap<string, SelectionSetNode>
  /** By subgraph and coordinate: fields that another subgraph has taken over. */
  readonly overridden: ReadonlySet<string>
  /** The object types, or enum values, that every subgraph with the field knows; undefined for other fields. */
  readonly choices: ReadonlyMap<string, readonly string[]>
}

/** Collects the facts; `schema` is the supergraph's full one. */
export function collectFacts(
  schema: GraphQLSchema,
  subgraphs: ReadonlyMap<string, GraphQLSchema>,
): GraphFacts {
  const keys = new Set<string>()
  const steady = new Set<string>()
  const requires = new Map<string, SelectionSetNode>()
  const overridden = new Set<string>()
  const choices = new Map<string, readonly string[]>()

  function walk(selections: SelectionSetNode, type: string, sets: readonly Set<string>[]): void {
    for (const selection of selections.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, selection.typeCondition?.name.value ?? type, sets)
      } else if (selection.kind === Kind.FIELD) {
        for (const concrete of objectTypes(schema, type)) {
          for (const set of sets) set.add(`${concrete}.${selection.name.value}`)
        }
        const inner = innerType(schema, type, selection.name.value)
        if (selection.selectionSet && inner !== undefined) walk(selection.selectionSet, inner, sets)
      }
    }
  }

  for (const local of subgraphs.values()) {
    for (const type of fieldTypes(local)) {
      for (const key of argumentsOf(type, 'key'))
        walk(selectionSetOf(String(key['fields'])), type.name, [keys, steady])
      for (const field of Object.values(type.getFields())) {
        const coordinates = objectTypes(schema, type.name).map((concrete) => `${concrete}.${field.name}`)
        const [required] = argumentsOf(field, 'requires')
        const [override] = argumentsOf(field, 'override')
        if (required) walk(selectionSetOf(String(required['fields'])), type.name, [steady])
        for (const coordinate of coordinates) {
          if (required) requires.set(coordinate, selectionSetOf(String(required['fields'])))
          if (override) overridden.add(`${String(override['from'])} ${coordinate}`)
          const choice = choicesOf(schema, local, field)
          const known = choices.get(coordinate)
          if (choice) choices.set(coordinate, known ? known.filter((name) => choice.includes(name)) : choice)
        }
      }
    }
  }
  return { keys, steady, requires, overridden, choices }
}

/** The types with fields, without those of introspection and federation. */
function fieldTypes(schema: GraphQLSchema): readonly (GraphQLObjectType | GraphQLInterfaceType)[] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('_'),
  ) as (GraphQLObjectType | GraphQLInterfaceType)[]
}

/** The object types of the whole graph that a type of a subgraph stands for. */
export function objectTypes(schema: GraphQLSchema, name: string): readonly string[] {
  const type = schema.getType(name)
  return isAbstractType(type) ? schema.getPossibleTypes(type).map((possible) => possible.name) : [name]
}

function innerType(schema: GraphQLSchema, type: string, field: string): string | undefined {
  const parent = schema.getType(type)
  if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined
  const definition = parent.getFields()[field]
  return definition && getNamedType(definition.type).name
}

function choicesOf(
  schema: GraphQLSchema,
  local: GraphQLSchema,
  { type }: GraphQLField<unknown, unknown>,
): readonly string[] | undefined {
  const named = getNamedType(type)
  if (isEnumType(named)) return named.getValues().map(({ name }) => name)
  if (!isAbstractType(schema.getType(named.name))) return undefined
  // An object here and abstract elsewhere: an interface object, which may be any of the types.
  return isAbstractType(named)
    ? local.getPossibleTypes(named).map((possible) => possible.name)
    : objectTypes(schema, named.name)
}

interface Annotated {
  readonly astNode?:
    (ASTNode & { readonly directives?: readonly ConstDirectiveNode[] | undefined }) | null | undefined
  readonly extensionASTNodes?: readonly { readonly directives?: readonly ConstDirectiveNode[] | undefined }[]
}

function argumentsOf(
  { astNode, extensionASTNodes = [] }: Annotated,
  directive: string,
): Record<string, unknown>[] {
  return [astNode, ...extensionASTNodes]
    .flatMap((node) => node?.directives ?? [])
    .filter(({ name }) => name.value === directive)
    .map(({ arguments: args = [] }) =>
      Object.fromEntries(args.map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)])),
    )
}
