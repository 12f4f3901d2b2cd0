import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isSpecifiedScalarType,
  Kind,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLScalarType,
  type ObjectValueNode,
  type ValueNode,
} from 'graphql'
import type { Json } from '../../kernel/json.js'

/**
 * The JSON value that means to a subgraph exactly what the literal means, or undefined where that cannot be proved.
 *
 * Custom scalars may read literals and variables differently, so their literals have no proven value. Defaults of
 * input fields are left for the subgraph to apply, as for a literal.
 */
export function literalValue(value: ValueNode, type: GraphQLInputType): Json | undefined {
  if (isNonNullType(type)) return literalValue(value, type.ofType)
  if (value.kind === Kind.NULL) return null
  // A single value stands for a list of one; a variable of the list's type has to hold the list.
  if (isListType(type)) return listOf(value.kind === Kind.LIST ? value.values : [value], type.ofType)
  if (isInputObjectType(type)) return value.kind === Kind.OBJECT ? objectOf(value, type) : undefined
  if (isEnumType(type)) return value.kind === Kind.ENUM ? value.value : undefined
  return isSpecifiedScalarType(type) ? scalarOf(value, type) : undefined
}

function listOf(values: readonly ValueNode[], itemType: GraphQLInputType): Json | undefined {
  const items: Json[] = []
  for (const value of values) {
    const item = literalValue(value, itemType)
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

function objectOf({ fields }: ObjectValueNode, type: GraphQLInputObjectType): Json | undefined {
  const entries: [string, Json][] = []
  for (const { name, value } of fields) {
    const field = type.getFields()[name.value]
    const member = field && literalValue(value, field.type)
    if (member === undefined) return undefined
    entries.push([name.value, member])
  }
  return Object.fromEntries(entries)
}

function scalarOf(value: ValueNode, { name }: GraphQLScalarType): Json | undefined {
  switch (value.kind) {
    case Kind.STRING:
      return name === 'String' || name === 'ID' ? value.value : undefined
    case Kind.BOOLEAN:
      return name === 'Boolean' ? value.value : undefined
    case Kind.INT:
      // A whole number of any length is an ID, and JSON numbers are not of any length.
      if (name === 'ID') return value.value
      return name === 'Int' || name === 'Float' ? numberOf(value.value) : undefined
    case Kind.FLOAT:
      return name === 'Float' ? numberOf(value.value) : undefined
    default:
      return undefined
  }
}

/** JSON has neither infinity nor, as JavaScript writes it, a negative zero. */
function numberOf(text: string): number | undefined {
  const number = Number(text)
  return Number.isFinite(number) && !Object.is(number, -0) ? number : undefined
}

/** Writes a value so that two have one text exactly when GraphQL takes them for the same argument. */
export function literalText(value: ValueNode): string {
  switch (value.kind) {
    case Kind.VARIABLE:
      return `$${value.name.value}`
    case Kind.NULL:
      return 'null'
    case Kind.STRING:
      return JSON.stringify(value.value)
    case Kind.LIST:
      return `[${value.values.map(literalText).join(',')}]`
    case Kind.OBJECT:
      return `{${value.fields
        .map((field) => `${field.name.value}:${literalText(field.value)}`)
        .sort()
        .join(',')}}`
    default:
      return String(value.value)
  }
}
