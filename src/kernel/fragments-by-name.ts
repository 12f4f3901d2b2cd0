import { Kind, type DocumentNode, type FragmentDefinitionNode } from 'graphql'

export type FragmentsByName = ReadonlyMap<string, FragmentDefinitionNode>

/** The fragments of a document; of two with one name, which validation refuses, the last. */
export function fragmentsByName(document: DocumentNode): FragmentsByName {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  return fragments
}
