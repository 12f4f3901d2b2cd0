import { getNamedType, isInterfaceType, isNonNullType, isObjectType, type GraphQLOutputType } from 'graphql'
import type { RequiresSelection } from '../../kernel/query-plan.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import { isList, isRecord, ownValue, setOwn } from '../own-property.js'
import { typenameOf, type TypeIndex } from './type-index.js'

/**
 * Copies what a fetch requires of an object into a representation; false where a required field is missing, or
 * is null though the schema forbids it. Such fields are left out.
 */
export type Represent = (source: RawObject, into: RawObject) => boolean

/** Compiles a fetch's `requires`. */
export function compileRepresent(selections: readonly RequiresSelection[], types: TypeIndex): Represent {
  return compilePicks(selections, undefined, types)
}

function compilePicks(
  selections: readonly RequiresSelection[],
  parent: string | undefined,
  types: TypeIndex,
): Represent {
  const picks = selections.map((selection) =>
    selection.kind === 'field'
      ? compileField(selection, parent, types)
      : compileFragment(selection, parent, types),
  )
  return (source, into) => {
    let isComplete = true
    for (const pick of picks) isComplete = pick(source, into) && isComplete
    return isComplete
  }
}

type RequiredFragment = Extract<RequiresSelection, { kind: 'inlineFragment' }>
type RequiredField = Extract<RequiresSelection, { kind: 'field' }>

function compileFragment(
  fragment: RequiredFragment,
  parent: string | undefined,
  types: TypeIndex,
): Represent {
  const condition = fragment.typeCondition
  const pick = compilePicks(fragment.selections, condition ?? parent, types)
  if (condition === undefined) return pick
  const names = types.satisfying(condition)
  return (source, into) => {
    const name = typenameOf(source)
    return name === undefined || !names.has(name) || pick(source, into)
  }
}

function compileField(field: RequiredField, parent: string | undefined, types: TypeIndex): Represent {
  const key = field.alias ?? field.name
  const type = fieldType(field.name, parent, types)
  const nullable = field.name !== '__typename' && !isNonNullType(type)
  const pick = field.selections && compilePicks(field.selections, type && getNamedType(type).name, types)
  return (source, into) => {
    const value = ownValue(source, key)
    if (value === undefined || (value === null && !nullable)) return false
    const picked = pick ? pickValue(value, ownValue(into, key), pick) : value
    if (picked === undefined) return false
    setOwn(into, key, picked)
    return true
  }
}

/** Picks from an object, or from every object of a list, into what an earlier selection may have picked. */
function pickValue(value: unknown, earlier: unknown, pick: Represent): unknown {
  if (isList(value)) {
    const before = isList(earlier) ? earlier : []
    const picked = value.map((element, index) => pickValue(element, before[index], pick))
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
