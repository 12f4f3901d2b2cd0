import {
  BREAK,
  getNamedType,
  isAbstractType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type GraphQLSchema,
} from 'graphql'
import type { OperationRecord } from '../kernel/operation.js'

/**
 * Makes a test for "does this operation select a limited field", worked out once per operation record.
 *
 * Errs towards yes, such as for a field under `@skip` or in another operation of the document: then the policy
 * schema is asked and finds nothing to count.
 */
export function createLimitedSelections(
  schema: GraphQLSchema,
  coordinates: Pick<ReadonlySet<string>, 'has'>,
): (operation: OperationRecord) => boolean {
  const known = new WeakMap<OperationRecord, boolean>()
  return (operation) => {
    const before = known.get(operation)
    if (before !== undefined) return before
    const found = selectsLimited(schema, coordinates, operation)
    known.set(operation, found)
    return found
  }
}

function selectsLimited(
  schema: GraphQLSchema,
  coordinates: Pick<ReadonlySet<string>, 'has'>,
  { document }: OperationRecord,
): boolean {
  const typeInfo = new TypeInfo(schema)
  let found = false
  const visitor = visitWithTypeInfo(typeInfo, {
    Field: ({ name }) => {
      const parent = getNamedType(typeInfo.getParentType())
      if (!parent) return undefined
      const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent]
      found = types.some((type) => coordinates.has(`${type.name}.${name.value}`))
      return found ? BREAK : undefined
    },
  })
  visit(document, visitor)
  return found
}
