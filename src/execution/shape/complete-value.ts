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
import { isRecord } from '../../kernel/is-record.js'
import { isList, setOwn } from '../own-property.js'
import type { DenialTree } from './denial-tree.js'
import { compileLeaf } from './leaf.js'
import type { AskedField, DataField, Selections } from './selections.js'
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

/** Gives a field's value of an object; undefined for a null in a non-null position. */
type CompleteField = (record: RawObject, trail: Trail, shaping: Shaping) => unknown

interface CompiledField {
  readonly key: string
  readonly nullable: boolean
  readonly complete: CompleteField
}

/**
 * Compiles the projection of one object type: its fields in the order of the answer.
 *
 * Without a type's name, a field that is refused under any type is refused.
 */
export function compileObject(typeName: string | undefined, asked: readonly AskedField[]): CompleteObject {
  const fields = asked.map(compileField)
  return (record, trail, shaping) => {
    const shaped: RawObject = {}
    const refused = trail.denials?.children
    for (const field of fields) {
      const { key } = field
      if (refused !== undefined && isRefused(refused.get(key), typeName)) {
        if (!field.nullable) return undefined
        setOwn(shaped, key, null)
        continue
      }
      const value = field.complete(record, trail, shaping)
      if (value === undefined) return undefined
      setOwn(shaped, key, value)
    }
    return shaped
  }
}

function compileField(field: AskedField): CompiledField {
  const { key } = field
  switch (field.kind) {
    case 'typename':
      return { key, nullable: false, complete: () => field.name }
    case 'introspection':
      return { key, nullable: true, complete: (_record, _trail, shaping) => shaping.introspected(key) }
    case 'data': {
      const complete = compileComplete(field)
      const { read } = field
      return {
        key,
        nullable: !isNonNullType(field.type),
        complete: (record, trail, shaping) => complete(read(record), trail, key, shaping),
      }
    }
  }
}

function isRefused(denial: DenialTree | undefined, typeName: string | undefined): boolean {
  if (denial === undefined) return false
  return typeName === undefined ? denial.parentTypes.size > 0 : denial.parentTypes.has(typeName)
}

/** Compiles the completion of a field. */
function compileComplete(field: DataField): Complete {
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
