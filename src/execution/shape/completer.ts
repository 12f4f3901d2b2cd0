import {
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import { isList, isRecord, ownValue } from '../own-property.js'
import { compileLeaf } from './leaf.js'
import type { Shaping } from './shaping.js'
import { advance, type Trail } from './trail.js'

/**
 * Completes a value of a subgraph for the client (GraphQL specification §6.4.3).
 *
 * `trail` and `key` say where it stands. Returns undefined for a null in a non-null position, which makes the
 * enclosing object or list null (§6.4.4); the error has been reported then.
 */
export type Complete = (value: unknown, trail: Trail, key: string | number, shaping: Shaping) => unknown

/** Projects an object of a known type; undefined when a null propagates to it. */
export type CompleteObject = (record: RawObject, trail: Trail, shaping: Shaping) => RawObject | undefined

/** What selections ask of objects whose type is known at run time only. */
export interface Selections {
  readonly forType: (type: GraphQLObjectType) => CompleteObject
  /** For objects that do not tell their type; undefined where the type matters. */
  readonly forAnyType: (type: GraphQLAbstractType) => CompleteObject | undefined
  /** Response keys that hold the type's name whatever the type; `__typename` first. */
  readonly typenameKeys: readonly string[]
}

/** A field as far as its completion needs it. */
export interface FieldToComplete {
  /** `Type.field`, for messages. */
  readonly coordinate: string
  readonly selections: Selections
  readonly findType: (name: string, abstractType: GraphQLAbstractType) => GraphQLObjectType | undefined
}

/** Compiles the completion of a field's type, from the outermost wrapper inwards. */
export function compileComplete(type: GraphQLOutputType, field: FieldToComplete): Complete {
  if (isNonNullType(type)) return compileNonNull(compileComplete(type.ofType, field), field.coordinate)
  if (isListType(type)) return compileList(compileComplete(type.ofType, field))
  if (isLeafType(type)) return compileLeafCompletion(type)
  return isObjectType(type) ? compileObject(type, field) : compileAbstract(type, field)
}

function compileNonNull(inner: Complete, coordinate: string): Complete {
  return (value, trail, key, shaping) => {
    if (value === null || value === undefined) {
      shaping.reportNull(trail, key, coordinate)
      return undefined
    }
    return inner(value, trail, key, shaping) ?? undefined
  }
}

function compileLeafCompletion(type: GraphQLLeafType): Complete {
  const leaf = compileLeaf(type)
  const expected = `a valid ${type.name}`
  return (value, trail, key, shaping) => {
    if (value === null || value === undefined) return null
    const completed = leaf(value)
    return completed === undefined ? misfit(trail, key, shaping, expected) : completed
  }
}

function compileList(completeItem: Complete): Complete {
  return (value, trail, key, shaping) => {
    if (value === null || value === undefined) return null
    if (!isList(value)) return misfit(trail, key, shaping, 'a list')
    const place = advance(trail, key)
    const items: unknown[] = []
    for (let index = 0; index < value.length; index += 1) {
      const item = completeItem(value[index], place, index, shaping)
      if (item === undefined) return null
      items.push(item)
    }
    return items
  }
}

function compileObject(type: GraphQLObjectType, field: FieldToComplete): Complete {
  const complete = field.selections.forType(type)
  return (value, trail, key, shaping) => {
    if (value === null || value === undefined) return null
    if (!isRecord(value)) return misfit(trail, key, shaping, 'an object')
    return complete(value, advance(trail, key), shaping) ?? null
  }
}

function compileAbstract(type: GraphQLAbstractType, field: FieldToComplete): Complete {
  const { selections, findType } = field
  const forAnyType = selections.forAnyType(type)

  function choose(record: RawObject): CompleteObject | undefined {
    const name = readTypename(record, selections.typenameKeys)
    if (name === undefined) return forAnyType
    const runtimeType = findType(name, type)
    return runtimeType && selections.forType(runtimeType)
  }

  return (value, trail, key, shaping) => {
    if (value === null || value === undefined) return null
    if (!isRecord(value)) return misfit(trail, key, shaping, 'an object')
    const complete = choose(value)
    // The name is not shown: it may be that of a type which the API schema hides.
    if (!complete) return misfit(trail, key, shaping, `of a type that ${type.name} can be`)
    return complete(value, advance(trail, key), shaping) ?? null
  }
}

function readTypename(record: RawObject, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const name = ownValue(record, key)
    if (typeof name === 'string') return name
  }
  return undefined
}

function misfit(trail: Trail, key: string | number, shaping: Shaping, expected: string): null {
  shaping.reportMisfit(trail, key, expected)
  return null
}
