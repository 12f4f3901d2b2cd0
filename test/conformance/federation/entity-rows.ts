/** Finds the row that a representation means, by the keys that the subgraph's schema declares. */
import {
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
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

/** `@key` of the type, without those that are only for links to other subgraphs. */
function resolvableKeys(schema: GraphQLSchema, name: string): readonly SelectionSetNode[] {
  const type = schema.getType(name)
  if (!isObjectType(type) && !isInterfaceType(type)) throw new Error(`There is no entity ${name}.`)
  return [type.astNode, ...type.extensionASTNodes]
    .flatMap((node): readonly ConstDirectiveNode[] => node?.directives ?? [])
    .filter(({ name: directive }) => directive.value === 'key')
    .map(({ arguments: args = [] }) =>
      Object.fromEntries(args.map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)])),
    )
    .filter(({ resolvable }) => resolvable !== false)
    .map(({ fields }) => selectionSetOf(String(fields)))
}

function selectionSetOf(fields: string): SelectionSetNode {
  const [definition] = parse(`{ ${fields} }`).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${fields}" is not a set of fields.`)
  return definition.selectionSet
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
