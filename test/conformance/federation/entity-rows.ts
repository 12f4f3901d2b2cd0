/** Finds the row that a representation means, by the keys that the subgraph's schema declares. */
import { Kind, type GraphQLSchema, type SelectionSetNode } from 'graphql'
import { resolvableKeys } from '../../support/entity-keys.js'
import type { Row } from '../../support/local-subgraph.js'

/** Finds rows by representations; null where no row has the key. Throws where no key of the type is given. */
export function createEntityFinder(
  schema: GraphQLSchema,
  rowsOf: (type: string) => readonly Row[],
): (reference: Row) => Row | null {
  return (reference) => {
    const type = String(reference['__typename'])
    const given = resolvableKeys(schema, type).filter((key) => isComplete(key, reference))
    if (given.length === 0) throw new Error(`No key of ${type} is in ${JSON.stringify(reference)}.`)
    const row = rowsOf(type).find((candidate) => given.some((key) => isSame(key, candidate, reference)))
    return row ? (completed(row, reference) as Row) : null
  }
}

function isComplete(key: SelectionSetNode, reference: unknown): boolean {
  if (Array.isArray(reference)) return reference.every((item) => isComplete(key, item))
  if (typeof reference !== 'object' || reference === null) return false
  return fieldsOf(key).every(({ name, inner }) => {
    const value = (reference as Row)[name]
    return value !== undefined && (inner === undefined || value === null || isComplete(inner, value))
  })
}

function isSame(key: SelectionSetNode, row: unknown, reference: unknown): boolean {
  if (Array.isArray(row) && Array.isArray(reference)) {
    return row.length === reference.length && row.every((item, index) => isSame(key, item, reference[index]))
  }
  if (typeof row !== 'object' || typeof reference !== 'object' || row === null || reference === null) {
    return row === reference
  }
  return fieldsOf(key).every(({ name, inner }) => {
    const [left, right] = [(row as Row)[name], (reference as Row)[name]]
    return inner ? isSame(inner, left, right) : JSON.stringify(left) === JSON.stringify(right)
  })
}

function fieldsOf(key: SelectionSetNode) {
  return key.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? [{ name: selection.name.value, inner: selection.selectionSet }] : [],
  )
}

/** The row, and beside it what only the representation says: fields that another subgraph owns. */
function completed(row: unknown, reference: unknown): unknown {
  if (row === undefined) return reference
  if (Array.isArray(row) && Array.isArray(reference)) {
    return row.map((item, index) => completed(item, reference[index]))
  }
  if (typeof row !== 'object' || typeof reference !== 'object' || row === null || reference === null) {
    return row
  }
  const names = new Set([...Object.keys(reference), ...Object.keys(row)])
  return Object.fromEntries(
    [...names].map((name) => [name, completed((row as Row)[name], (reference as Row)[name])]),
  )
}
