import { Kind, parse, type DocumentNode, type SelectionSetNode } from 'graphql'
import type { FetchNode } from '../../kernel/query-plan.js'

/** The response keys of a fetch's root fields, as sent; read only when the fetch has failed. */
export function rootKeys(fetch: FetchNode): readonly string[] {
  const document = fetch.document ?? parse(fetch.operation, { noLocation: true })
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  const keys = new Set<string>()
  if (operation) addKeys(operation.selectionSet, document, keys)
  keys.delete('__typename')
  return [...keys]
}

function addKeys(selectionSet: SelectionSetNode, document: DocumentNode, keys: Set<string>): void {
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) {
      keys.add(selection.alias?.value ?? selection.name.value)
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      addKeys(selection.selectionSet, document, keys)
    } else {
      const fragment = document.definitions.find(
        (definition) =>
          definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
      )
      if (fragment && 'selectionSet' in fragment) addKeys(fragment.selectionSet, document, keys)
    }
  }
}
