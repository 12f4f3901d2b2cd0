import { isAbstractType, isObjectType, type GraphQLSchema } from 'graphql'
import { isList, ownValue } from '../own-property.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import { isRecord } from '../../kernel/is-record.js'

/** Answers what plans ask of the supergraph's types, by name. */
export interface TypeIndex {
  readonly schema: GraphQLSchema
  /** The names of all types that fulfil a condition on this type, itself included. */
  readonly satisfying: (condition: string) => ReadonlySet<string>
  readonly isObject: (name: string) => boolean
}

export function createTypeIndex(schema: GraphQLSchema): TypeIndex {
  const known = new Map<string, ReadonlySet<string>>()
  return {
    schema,
    isObject: (name) => isObjectType(schema.getType(name)),
    satisfying: (condition) => {
      const remembered = known.get(condition)
      if (remembered) return remembered
      const names = namesSatisfying(schema, condition)
      known.set(condition, names)
      return names
    },
  }
}

function namesSatisfying(schema: GraphQLSchema, condition: string): ReadonlySet<string> {
  const names = new Set([condition])
  const type = schema.getType(condition)
  if (isAbstractType(type)) {
    for (const possible of schema.getPossibleTypes(type)) names.add(possible.name)
    if ('getFields' in type) {
      for (const narrower of schema.getImplementations(type).interfaces) names.add(narrower.name)
    }
  }
  return names
}

/** The names that fulfil one of several conditions. */
export function anySatisfying(types: TypeIndex, conditions: readonly string[]): ReadonlySet<string> {
  return new Set(conditions.flatMap((condition) => [...types.satisfying(condition)]))
}

/** The `__typename` that a subgraph gave for an object, if it gave one. */
export function typenameOf(object: RawObject): string | undefined {
  const name = ownValue(object, '__typename')
  return typeof name === 'string' ? name : undefined
}

/** True where the object has one of the names, or none at all: the plan knows better than missing data. */
export function mayBeOneOf(object: RawObject, names: ReadonlySet<string>): boolean {
  const name = typenameOf(object)
  return name === undefined || names.has(name)
}

/** Calls `visit` for the object itself, or for every object in lists of any depth. */
export function forEachRecord(value: unknown, visit: (object: RawObject) => void): void {
  if (isList(value)) {
    for (const element of value) forEachRecord(element, visit)
  } else if (isRecord(value)) {
    visit(value)
  }
}
