import { Kind, visit } from 'graphql'
import type { OperationRecord } from '../kernel/operation.js'

const known = new WeakMap<OperationRecord, ReadonlySet<string>>()

/** Names of the variables that decide a `@skip` or `@include` of an operation's document. */
export function conditionVariables(record: OperationRecord): ReadonlySet<string> {
  const before = known.get(record)
  if (before !== undefined) return before
  const names = new Set<string>()
  visit(record.document, {
    Directive: ({ name, arguments: given = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value)
    },
  })
  known.set(record, names)
  return names
}
