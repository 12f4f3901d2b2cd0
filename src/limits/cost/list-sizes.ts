import {
  Kind,
  valueFromAST,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type ValueNode,
} from 'graphql'
import { hasVariable } from '../../kernel/has-variable.js'
import type { VariableValues } from '../../kernel/operation.js'
import { valueAt } from '../value-at.js'
import type { ListSize } from './cost-directives.js'

/** What the arguments of one field say about the size of its list. */
export interface AskedSize {
  /** Undefined where neither arguments nor `assumedSize` give a size. */
  readonly size: number | undefined
  /** How many slicing arguments decide it: what the client gave, or else those with a default. */
  readonly deciding: number
}

/** A size that variables may change. */
export type ReadAskedSize = (variables: VariableValues) => AskedSize

/**
 * Compiles the size that a field's slicing arguments ask for: the largest of them, or `assumedSize` without any.
 *
 * A list given as slicing argument counts by its length. `isConstant` where no variable is looked at.
 */
export function compileListSize(
  { slicingArguments, assumedSize }: ListSize,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): { readonly isConstant: boolean; readonly read: ReadAskedSize } {
  const readers = slicingArguments.map((path) => compileSlicing(path, field, node))
  const read: ReadAskedSize = (variables) => {
    let given = 0
    let defaulted = 0
    let size: number | undefined
    for (const { explicit, fallback } of readers) {
      const value = explicit?.read(variables)
      if (value !== undefined) given += 1
      else if (fallback !== undefined) defaulted += 1
      const asked = value ?? fallback
      if (asked !== undefined) size = Math.max(size ?? 0, asked)
    }
    return { size: size ?? assumedSize, deciding: given > 0 ? given : defaulted }
  }
  return { isConstant: readers.every(({ explicit }) => explicit?.isConstant !== false), read }
}

interface Slicing {
  readonly explicit: { readonly isConstant: boolean; readonly read: ReadSize } | undefined
  /** By the argument's default. */
  readonly fallback: number | undefined
}

type ReadSize = (variables: VariableValues) => number | undefined

function compileSlicing(
  [name = '', ...below]: readonly string[],
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): Slicing {
  const definition = field.args.find((argument) => argument.name === name)
  if (definition === undefined) return { explicit: undefined, fallback: undefined }
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value
  return {
    explicit: value && compileGiven(value, definition, below),
    fallback: toSize(valueAt(definition.defaultValue, below)),
  }
}

function compileGiven(
  value: ValueNode,
  { type }: GraphQLArgument,
  below: readonly string[],
): Slicing['explicit'] {
  if (value.kind === Kind.VARIABLE) {
    const { value: name } = value.name
    return { isConstant: false, read: (variables) => toSize(valueAt(variables[name], below)) }
  }
  if (hasVariable(value)) {
    return {
      isConstant: false,
      read: (variables) => toSize(valueAt(valueFromAST(value, type, variables), below)),
    }
  }
  const size = toSize(valueAt(valueFromAST(value, type), below))
  return { isConstant: true, read: () => size }
}

/** A negative number says nothing: servers refuse it, or take it for no limit at all. */
function toSize(value: unknown): number | undefined {
  if (typeof value === 'number') return value < 0 ? undefined : value
  return Array.isArray(value) ? value.length : undefined
}
