import { Kind, type ValueNode } from 'graphql'

/** Says whether a written value is, or holds anywhere, a variable. */
export function hasVariable(value: ValueNode): boolean {
  switch (value.kind) {
    case Kind.VARIABLE:
      return true
    case Kind.LIST:
      return value.values.some(hasVariable)
    case Kind.OBJECT:
      return value.fields.some((field) => hasVariable(field.value))
    default:
      return false
  }
}
