import { Kind, type SelectionSetNode } from 'graphql'
import { fragmentsByName } from '../kernel/fragments-by-name.js'
import { isIncluded } from '../kernel/is-included.js'
import type { OperationRecord, VariableValues } from '../kernel/operation.js'

/** The response keys at the root of an operation, after fragments, `@skip` and `@include`. */
export function listRootKeys(
  { document, operation }: OperationRecord,
  variables: VariableValues,
): ReadonlySet<string> {
  const fragments = fragmentsByName(document)
  const spread = new Set<string>()
  const keys = new Set<string>()
  const collect = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (!isIncluded(selection, variables)) continue
      if (selection.kind === Kind.FIELD) keys.add(selection.alias?.value ?? selection.name.value)
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet)
      else {
        const name = selection.name.value
        const fragment = fragments.get(name)
        // Each fragment once: its keys do not change, and a document may spread it very often.
        if (!fragment || spread.has(name)) continue
        spread.add(name)
        collect(fragment.selectionSet)
      }
    }
  }
  collect(operation.selectionSet)
  return keys
}
