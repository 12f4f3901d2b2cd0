import {
  Kind,
  type FieldNode,
  type FragmentSpreadNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { FragmentsByName } from '../kernel/fragments-by-name.js'
import { GatewayError } from '../kernel/gateway-error.js'

/**
 * How large a selection set is once every fragment stands where it is spread.
 *
 * Counts are sums of doubles: an expansion of 2^64 selections or more is a large number or Infinity, never a
 * small one.
 */
export interface SelectionSize {
  /** Fields below each other, without what lies inside `__schema` and `__type`. */
  readonly depth: number
  /** The same on the deepest way through `__schema` or `__type`; zero when neither is selected. */
  readonly introspectionDepth: number
  readonly aliases: number
  /** Fields on the first level. */
  readonly fields: number
  readonly selections: number
  /** Selection sets inside each other, those of fragments included. */
  readonly nesting: number
}

/** Measures the selection sets of one document. */
export interface SelectionMeasure {
  readonly measure: (selectionSet: SelectionSetNode | undefined) => SelectionSize
  /** The names of the fragments that were met so far. */
  readonly reached: ReadonlyMap<string, unknown>
}

const NOTHING: SelectionSize = {
  depth: 0,
  introspectionDepth: 0,
  aliases: 0,
  fields: 0,
  selections: 0,
  nesting: 0,
}

/**
 * Prepares the measuring of one document, each fragment once however often it is spread.
 *
 * A fragment's size does not depend on where it is spread, nor on its name; so a fragment used first near the
 * root and then far below it counts with its full depth in both places (notes: security §2.1).
 * Raises GRAPHQL_VALIDATION_FAILED where a fragment contains itself.
 */
export function createSelectionMeasure(fragments: FragmentsByName): SelectionMeasure {
  const measured = new Map<string, SelectionSize | undefined>()

  const measureSet = (selectionSet: SelectionSetNode | undefined): SelectionSize => {
    if (selectionSet === undefined) return NOTHING
    let size = NOTHING
    for (const selection of selectionSet.selections) size = add(size, measureSelection(selection))
    return { ...size, nesting: size.nesting + 1 }
  }

  const measureSelection = (selection: SelectionNode): SelectionSize => {
    if (selection.kind === Kind.FIELD) return toFieldSize(selection, measureSet(selection.selectionSet))
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT ? measureSet(selection.selectionSet) : measureSpread(selection)
    return { ...inner, selections: inner.selections + 1 }
  }

  const measureSpread = (spread: FragmentSpreadNode): SelectionSize => {
    const name = spread.name.value
    const known = measured.get(name)
    if (known !== undefined) return known
    if (measured.has(name)) throw fragmentCycle(spread)
    measured.set(name, undefined)
    const size = measureSet(fragments.get(name)?.selectionSet)
    measured.set(name, size)
    return size
  }

  return { measure: measureSet, reached: measured }
}

function toFieldSize(field: FieldNode, below: SelectionSize): SelectionSize {
  const isIntrospection = field.name.value === '__schema' || field.name.value === '__type'
  const introspectionBelow = isIntrospection
    ? Math.max(below.depth, below.introspectionDepth)
    : below.introspectionDepth
  return {
    depth: isIntrospection ? 1 : below.depth + 1,
    introspectionDepth: isIntrospection || introspectionBelow > 0 ? introspectionBelow + 1 : 0,
    aliases: below.aliases + (field.alias === undefined ? 0 : 1),
    fields: 1,
    selections: below.selections + 1,
    nesting: below.nesting,
  }
}

function add(a: SelectionSize, b: SelectionSize): SelectionSize {
  return {
    depth: Math.max(a.depth, b.depth),
    introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
    aliases: a.aliases + b.aliases,
    fields: a.fields + b.fields,
    selections: a.selections + b.selections,
    nesting: Math.max(a.nesting, b.nesting),
  }
}

function fragmentCycle(spread: FragmentSpreadNode): GatewayError {
  const message = `Cannot spread fragment "${spread.name.value}" within itself.`
  const token = spread.loc?.startToken
  return new GatewayError(
    'GRAPHQL_VALIDATION_FAILED',
    message,
    token === undefined ? {} : { locations: [{ line: token.line, column: token.column }] },
  )
}
