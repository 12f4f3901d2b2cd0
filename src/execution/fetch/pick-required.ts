import { getNamedType, isInterfaceType, isNonNullType, isObjectType, type GraphQLOutputType } from 'graphql'
import type { DataLayout, RawObject } from '../../kernel/fetch-outcome.js'
import type { RequiresSelection } from '../../kernel/query-plan.js'
import { compileRead } from '../layout/read-field.js'
import { compileReadTypename } from '../layout/read-typename.js'
import { isList, isRecord, ownValue, setOwn } from '../own-property.js'
import type { TypeIndex } from './type-index.js'

/**
 * Copies what a fetch requires of an object into a representation; false where a required field is missing, or
 * is null though the schema forbids it. Such fields are left out.
 */
export type PickRequired = (source: RawObject, into: RawObject) => boolean

/** Where required fields are picked: the position of the objects, and their type as far as the plan tells it. */
export interface PickScope {
  readonly parent: string | undefined
  readonly layout: DataLayout
  readonly types: TypeIndex
}

/** Compiles a fetch's `requires`, or what it requires of an object further down. */
export function compilePicks(selections: readonly RequiresSelection[], scope: PickScope): PickRequired {
  const picks = selections.map((selection) =>
    selection.kind === 'field' ? compileField(selection, scope) : compileFragment(selection, scope),
  )
  return (source, into) => {
    let isComplete = true
    for (const pick of picks) isComplete = pick(source, into) && isComplete
    return isComplete
  }
}

type RequiredFragment = Extract<RequiresSelection, { kind: 'inlineFragment' }>
export type RequiredField = Extract<RequiresSelection, { kind: 'field' }>

function compileFragment(fragment: RequiredFragment, scope: PickScope): PickRequired {
  const condition = fragment.typeCondition
  if (condition === undefined) return compilePicks(fragment.selections, scope)
  const pick = compilePicks(fragment.selections, { ...scope, parent: condition })
  const names = scope.types.satisfying(condition)
  const typenameOf = compileReadTypename(scope.layout, scope.types.isObject)
  return (source, into) => {
    const name = typenameOf(source)
    return name === undefined || !names.has(name) || pick(source, into)
  }
}

function compileField(field: RequiredField, scope: PickScope): PickRequired {
  const { name } = field
  const pick = compileValue(field, scope)
  return (source, into) => {
    const picked = pick(source, ownValue(into, name))
    if (picked === undefined) return false
    setOwn(into, name, picked)
    return true
  }
}

/** Gives the value of one required field, added to what an earlier selection picked; undefined where it is missing. */
export type PickValue = (source: RawObject, earlier?: unknown) => unknown

/** Compiles the picking of one field. */
export function compileValue(field: RequiredField, scope: PickScope): PickValue {
  const { layout, types } = scope
  const key = field.key ?? field.name
  if (field.name === '__typename') return compileReadTypename(layout, types.isObject)
  const read = compileRead(key, layout)
  const type = fieldType(field.name, scope.parent, types)
  const nullable = !isNonNullType(type)
  const below = { parent: type && getNamedType(type).name, layout: layout.below(key), types }
  const pick = field.selections && compilePicks(field.selections, below)
  return (source, earlier) => {
    const value = read(source)
    if (value === undefined || (value === null && !nullable)) return undefined
    return pick ? pickInside(value, earlier, pick) : value
  }
}

/** Picks from an object, or from every object of a list, into what an earlier selection may have picked. */
function pickInside(value: unknown, earlier: unknown, pick: PickRequired): unknown {
  if (isList(value)) {
    const before = isList(earlier) ? earlier : []
    const picked = value.map((element, index) => pickInside(element, before[index], pick))
    return picked.includes(undefined) ? undefined : picked
  }
  if (!isRecord(value)) return value
  const into = isRecord(earlier) ? earlier : {}
  return pick(value, into) ? into : undefined
}

function fieldType(
  name: string,
  parent: string | undefined,
  types: TypeIndex,
): GraphQLOutputType | undefined {
  const type = parent === undefined ? undefined : types.schema.getType(parent)
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name]?.type : undefined
}
