import {
  GraphQLID,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql'
import type { SelectionKeys } from '../../kernel/fetch-outcome.js'
import { isRecord } from '../../kernel/is-record.js'
import { isList } from '../own-property.js'
import { compileLeaf } from './leaf.js'
import type { AskedField, DataField } from './selections.js'

/** Says whether a value is what the client gets, down to the order of its keys. */
export type IsWhole = (value: unknown) => boolean

/**
 * Compiles the check whether a subgraph's reply may go to the client as it came; undefined where it never may.
 *
 * It may where the one fetch of a plan asks for the client's keys in the client's order. Every value is still looked
 * at, since a subgraph may send other types, nulls and more than was asked for; but nothing is written anew, which
 * is the larger part of the work.
 */
export function compilePassThrough(
  asked: readonly AskedField[],
  keys: SelectionKeys | undefined,
): IsWhole | undefined {
  return keys && asksTheSame(asked, keys) ? checkObject(asked) : undefined
}

function asksTheSame(asked: readonly AskedField[], keys: SelectionKeys): boolean {
  const sent = [...keys]
  return (
    asked.length === sent.length &&
    asked.every((field, index) => {
      const [key, below] = sent[index] ?? []
      return field.key === key && isSame(field, below)
    })
  )
}

function isSame(field: AskedField, below: SelectionKeys | undefined): boolean {
  if (field.kind !== 'data') return field.kind === 'typename' && below === undefined
  if (field.planKey !== field.key) return false
  const type = unwrap(field.type)
  if (isLeafType(type)) return below === undefined
  // Objects of abstract types tell their type, which clients may not have asked for.
  return isObjectType(type) && below !== undefined && asksTheSame(field.below.fieldsOf(type), below)
}

function unwrap(type: GraphQLOutputType): GraphQLOutputType {
  return isNonNullType(type) || isListType(type) ? unwrap(type.ofType) : type
}

function checkObject(asked: readonly AskedField[]): IsWhole {
  const fields = asked.map((field) => ({ key: field.key, isWhole: checkField(field) }))
  return (value) => {
    if (!isRecord(value)) return false
    let index = 0
    for (const key in value) {
      const field = fields[index]
      if (field?.key !== key || !field.isWhole(value[key])) return false
      index += 1
    }
    return index === fields.length
  }
}

function checkField(field: AskedField): IsWhole {
  if (field.kind === 'data') return checkType(field.type, field)
  return field.kind === 'typename' ? (value) => value === field.name : () => false
}

function checkType(type: GraphQLOutputType, field: DataField): IsWhole {
  if (isNonNullType(type)) return checkPresent(type.ofType, field)
  const isWhole = checkPresent(type, field)
  return (value) => value === null || isWhole(value)
}

function checkPresent(type: GraphQLOutputType, field: DataField): IsWhole {
  if (isListType(type)) return checkList(checkType(type.ofType, field))
  if (isLeafType(type)) return checkLeaf(type)
  return isObjectType(type)
    ? checkObject(field.below.fieldsOf(type satisfies GraphQLObjectType))
    : () => false
}

function checkList(isWhole: IsWhole): IsWhole {
  return (value) => isList(value) && value.every(isWhole)
}

function checkLeaf(type: GraphQLLeafType): IsWhole {
  // A number would have to become text.
  if (type.name === GraphQLID.name) return (value) => typeof value === 'string'
  const leaf = compileLeaf(type)
  return (value) => value !== null && leaf(value) !== undefined
}
