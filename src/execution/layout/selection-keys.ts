import { Kind, parse, type DocumentNode, type SelectionSetNode } from 'graphql'
import type { SelectionKeys } from '../../kernel/fetch-outcome.js'
import { fragmentsByName, type FragmentsByName } from '../../kernel/fragments-by-name.js'

type GrowingKeys = Map<string, GrowingKeys | undefined>

/** Reads the response keys of an operation's text; undefined where it cannot be read. */
export function readSelectionKeys(fetch: {
  readonly operation: string
  readonly document?: DocumentNode
}): SelectionKeys | undefined {
  const document = fetch.document ?? tryParse(fetch.operation)
  const operation = document?.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  if (document === undefined || operation?.kind !== Kind.OPERATION_DEFINITION) return undefined
  const keys: GrowingKeys = new Map()
  collect(operation.selectionSet, fragmentsByName(document), keys)
  return keys
}

function tryParse(text: string): DocumentNode | undefined {
  try {
    return parse(text, { noLocation: true })
  } catch {
    return undefined
  }
}

function collect({ selections }: SelectionSetNode, fragments: FragmentsByName, into: GrowingKeys): void {
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      collect(selection.selectionSet, fragments, into)
    } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments.get(selection.name.value)
      if (fragment) collect(fragment.selectionSet, fragments, into)
    } else {
      const key = (selection.alias ?? selection.name).value
      const below = into.get(key) ?? (selection.selectionSet && new Map<string, GrowingKeys | undefined>())
      into.set(key, below)
      if (selection.selectionSet && below) collect(selection.selectionSet, fragments, below)
    }
  }
}
