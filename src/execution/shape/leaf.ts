import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  type GraphQLLeafType,
} from 'graphql'

/** Gives the value a client gets, or undefined where a subgraph's value does not fit the type. */
export type CompleteLeaf = (value: unknown) => unknown

/** Objects and lists inside each other in one value of a custom scalar. */
const MAX_SCALAR_DEPTH = 500
const MAX_INT = 2_147_483_647
const MIN_INT = -2_147_483_648

/**
 * The built-in scalars (GraphQL specification §3.5), stricter than a resolver's coercion.
 *
 * A subgraph has coerced its values already: what still has the wrong JSON type is a fault to be shown, not to
 * be smoothed over. Only for ID both JSON forms are in use.
 */
const BUILT_IN: ReadonlyMap<string, CompleteLeaf> = new Map([
  [GraphQLInt.name, (value) => (isInt(value) ? value : undefined)],
  [GraphQLFloat.name, (value) => (Number.isFinite(value) ? value : undefined)],
  [GraphQLString.name, (value) => (typeof value === 'string' ? value : undefined)],
  [GraphQLBoolean.name, (value) => (typeof value === 'boolean' ? value : undefined)],
  [GraphQLID.name, completeId],
])

/** Chooses the check for a leaf type. */
export function compileLeaf(type: GraphQLLeafType): CompleteLeaf {
  if (!isEnumType(type)) return BUILT_IN.get(type.name) ?? completeCustom
  // Values that the API schema hides do not exist for clients.
  const visible = new Set<unknown>(type.getValues().map((value) => value.name))
  return (value) => (visible.has(value) ? value : undefined)
}

/** Custom scalars pass as they are, unless writing them as JSON would exhaust the stack. */
function completeCustom(value: unknown): unknown {
  return isWithinDepth(value, MAX_SCALAR_DEPTH) ? value : undefined
}

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((inner) => isWithinDepth(inner, depth - 1))
}

function isInt(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value <= MAX_INT && value >= MIN_INT
}

function completeId(value: unknown): unknown {
  if (typeof value === 'string') return value
  return Number.isInteger(value) ? String(value) : undefined
}
