import { Kind, visit } from 'graphql'
import type { OperationRecord } from '../kernel/operation.js'

/** The variables in `@skip` and `@include`, sorted: they change what is selected (security notes, R9). */
export function conditionVariables(operation: OperationRecord): readonly string[] {
  const names = new Set<string>()
  visit(operation.document, {
    Directive: (directive) => {
      if (directive.name.value !== 'skip' && directive.name.value !== 'include') return
      for (const { value } of directive.arguments ?? []) {
        if (value.kind === Kind.VARIABLE) names.add(value.name.value)
      }
    },
  })
  return [...names].sort()
}
