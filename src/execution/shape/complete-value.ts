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
import { isList, isRecord } from '../own-property.js'
import { compileObject, type CompleteObject } from './complete-object.js'
import { compileLeaf } from './leaf.js'
import type { DataField, Selections } from './selections.js'
import type { Shaping } from './shaping.js'
import { advance, type Trail } from './trail.js'

/**
 * Completes a value of a subgraph for the client (GraphQL specification §6.4.3).
 *
 * `trail` and `key` say where it stands. Returns undefined for a null in a non-null position, which makes the
 * enclosing object or list null (§6.4.4); the error has been reported then.
 */
export type Complete = (value: unknown, trail: Trail, key: string | number, shaping: Shaping) => unknown

/** Compiles the completion of a field. */
export function compileComplete(field: DataField): Complete {
  return completeType(field.type, field)
}

/** From the outermost wrapper inwards. */
function completeType(type: GraphQLOutputType, field: DataField): Complete {
  if (isNonNullType(type)) return completeNonNull(completeType(type.ofType, field), field.coordinate)
  if (isListType(type)) return completeList(completeType(type.ofType, field))
  if (isLeafType(type)) return completeLeaf(type)
  return isObjectType(type) ? completeObject(type, field.below) : completeAbstract(type, field.below)
}

function completeNonNull(inner: Complete, coordinate: string): Complete {
  return (value, trail, key, shaping) => {
    if (value === null || value === undefined) {
      shaping.reportNull(trail, key, coordinate)
      return undefined
    }
    return inner(value, trail, key, shaping) ?? undefined
  }
}

function completeLeaf(type: GraphQLLeafType): Complete {
  const leaf = compileLeaf(type)
  const expected = `a valid ${type.name}`
  return (value, trail, key, shaping) => {
    if (value === null || value === undefined) return null
    const completed = leaf(value)
    return completed === undefined ? misfit(trail, key, shaping, expected) : completed
  }
}

function completeList(completeItem: Complete): Complete {
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

function completeObject(type: GraphQLObjectType, below: Selections): Complete {
  const complete = compileObject(type.name, below.fieldsOf(type))
  return (value, trail, key, shaping) => {
    if (value === null || value === undefined) return null
    if (!isRecord(value)) return misfit(trail, key, shaping, 'an object')
    return complete(value, advance(trail, key), shaping) ?? null
  }
}

function completeAbstract(type: GraphQLAbstractType, below: Selections): Complete {
  const known = new Map<GraphQLObjectType, CompleteObject>()
  const common = below.commonFieldsOf(type)
  const completeAny = common && compileObject(undefined, common)

  function choose(name: string | undefined): CompleteObject | undefined {
    if (name === undefined) return completeAny
    const runtimeType = below.typeOf(name, type)
    if (!runtimeType) return undefined
    const complete = known.get(runtimeType) ?? compileObject(runtimeType.name, below.fieldsOf(runtimeType))
    known.set(runtimeType, complete)
    return complete
  }

  return (value, trail, key, shaping) => {
    if (value === null || value === undefined) return null
    if (!isRecord(value)) return misfit(trail, key, shaping, 'an object')
    const complete = choose(below.typenameOf(value))
    // The name is not shown: it may be that of a type which the API schema hides.
    if (!complete) return misfit(trail, key, shaping, `of a type that ${type.name} can be`)
    return complete(value, advance(trail, key), shaping) ?? null
  }
}

function misfit(trail: Trail, key: string | number, shaping: Shaping, expected: string): null {
  shaping.reportMisfit(trail, key, expected)
  return null
}
