import { isEnumType, Kind, parse, type ConstDirectiveNode, type GraphQLSchema } from 'graphql'

/**
 * The names of the fields in the top level of each key by which a subgraph knows a type; `UNKNOWN` where the
 * supergraph names the subgraphs that know the type, and it is none of them.
 */
export type EntityKeys = (
  subgraph: string,
  typeName: string,
) => readonly (readonly string[])[] | typeof UNKNOWN

const UNKNOWN = 'unknown'

/** Reads the keys from the supergraph (join specification: `@join__type(graph:, key:)`). */
export function createEntityKeys(schema: GraphQLSchema): EntityKeys {
  const graphs = readGraphs(schema)
  return (subgraph, typeName) => {
    const directives = schema.getType(typeName)?.astNode?.directives ?? []
    const joined = directives.filter(({ name }) => name.value === 'join__type')
    const ofSubgraph = joined.filter((directive) => {
      const graph = argumentOf(directive, 'graph')
      return graph !== undefined && (graphs.get(graph) ?? graph) === subgraph
    })
    if (joined.length > 0 && ofSubgraph.length === 0) return UNKNOWN
    return ofSubgraph.flatMap((directive) => {
      const key = argumentOf(directive, 'key')
      return key === undefined ? [] : [fieldNames(key)]
    })
  }
}

/** Names of subgraphs by the enum values that stand for them. */
function readGraphs(schema: GraphQLSchema): ReadonlyMap<string, string> {
  const type = schema.getType('join__Graph')
  if (!isEnumType(type)) return new Map()
  return new Map(
    type.getValues().flatMap((value) => {
      const directive = value.astNode?.directives?.find(({ name }) => name.value === 'join__graph')
      const name = directive && argumentOf(directive, 'name')
      return name === undefined ? [] : [[value.name, name] as const]
    }),
  )
}

function argumentOf(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined
}

function fieldNames(key: string): readonly string[] {
  const [definition] = parse(`{${key}}`, { noLocation: true }).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return []
  return definition.selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? [selection.name.value] : [],
  )
}

/** Says whether a representation names an entity, by the values of its fields; undefined where it has no such field. */
export type IsIdentifying = (values: readonly unknown[]) => boolean

/**
 * Makes the check for representations with these fields: all of one key must be there, and not all of them null.
 *
 * Where the supergraph tells no keys, any field that is not null will do. A type that the subgraph does not know names
 * none: it would refuse the whole request for it.
 */
export function compileIdentifying(keys: ReturnType<EntityKeys>, fields: readonly string[]): IsIdentifying {
  if (keys === UNKNOWN) return () => false
  if (keys.length === 0) {
    const typename = fields.indexOf('__typename')
    return (values) => values.some((value, index) => index !== typename && isPresent(value))
  }
  const whole = keys.map((names) => names.map((name) => fields.indexOf(name)))
  const possible = whole.filter((indices) => !indices.includes(-1))
  return (values) => possible.some((indices) => isWhole(indices, values))
}

function isWhole(indices: readonly number[], values: readonly unknown[]): boolean {
  let isNamed = false
  for (const index of indices) {
    if (values[index] === undefined) return false
    if (values[index] !== null) isNamed = true
  }
  return isNamed
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null
}
