import { getNamedType, isInterfaceType, isNonNullType, isObjectType, type GraphQLOutputType } from 'graphql'
import type { DataLayout, RawObject } from '../../kernel/fetch-outcome.js'
import { isRecord } from '../../kernel/is-record.js'
import type { RequiresSelection } from '../../kernel/query-plan.js'
import { compileRead } from '../../kernel/read-field.js'
import { compileReadTypename } from '../../kernel/read-typename.js'
import { isList, ownValue, setOwn } from '../own-property.js'
import type { TypeIndex } from './type-index.js'

/** Whether something that is required was missing, or was null though the schema forbids it. */
export interface Gaps {
  isFound: boolean
}

/** Copies what a fetch requires of an object into a representation; what is missing is left out, and noted. */
export type PickRequired = (source: RawObject, into: RawObject, gaps: Gaps) => void

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
  return (source, into, gaps) => {
    for (const pick of picks) pick(source, into, gaps)
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
  return (source, into, gaps) => {
    const name = typenameOf(source)
    if (name !== undefined && names.has(name)) pick(source, into, gaps)
  }
}

function compileField(field: RequiredField, scope: PickScope): PickRequired {
  const { name } = field
  const pick = compileValue(field, scope)
  return (source, into, gaps) => {
    const picked = pick(source, gaps, ownValue(into, name))
    if (picked === undefined) gaps.isFound = true
    else setOwn(into, name, picked)
  }
}

/**
 * Gives the value of one required field, added to what an earlier selection picked; undefined where it is missing.
 *
 * An object with something missing inside is given without it: `@skip` may have left that out for a field that is not
 * asked for either, and what other fields need of the object is still there.
 */
export type PickValue = (source: RawObject, gaps: Gaps, earlier?: unknown) => unknown

/** Compiles the picking of one field. */
export function compileValue(field: RequiredField, scope: PickScope): PickValue {
  const { layout, types } = scope
  const key = field.key ?? field.name
  if (field.name === '__typename') {
    const read = compileReadTypename(layout, types.isObject)
    return (source) => read(source)
  }
  const read = compileRead(key, layout)
  const type = fieldType(field.name, scope.parent, types)
  const nullable = !isNonNullType(type)
  const below = { parent: type && getNamedType(type).name, layout: layout.below(key), types }
  const pick = field.selections && compilePicks(field.selections, below)
  return (source, gaps, earlier) => {
    const value = read(source)
    if (value === undefined || (value === null && !nullable)) return undefined
    return pick ? pickInside(value, earlier, { pick, gaps }) : value
  }
}

/** Picks from an object, or from every object of a list, into what an earlier selection may have picked. */
function pickInside(
  value: unknown,
  earlier: unknown,
  picking: { readonly pick: PickRequired; readonly gaps: Gaps },
): unknown {
  if (isList(value)) {
    const before = isList(earlier) ? earlier : []
    return value.map((element, index) => pickInside(element, before[index], picking))
  }
  if (!isRecord(value)) return value
  const into = isRecord(earlier) ? earlier : {}
  picking.pick(value, into, picking.gaps)
  return into
}

function fieldType(
  name: string,
  parent: string | undefined,
  types: TypeIndex,
): GraphQLOutputType | undefined {
  const type = parent === undefined ? undefined : types.schema.getType(parent)
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name]?.type : undefined
}
