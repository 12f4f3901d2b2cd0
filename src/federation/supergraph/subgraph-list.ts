import { Kind, valueFromASTUntyped, type DocumentNode, type EnumValueDefinitionNode } from 'graphql'
import type { Subgraph } from '../../kernel/supergraph.js'
import type { LinkedFeature } from '../../kernel/linked-features.js'

/** Reads names and routing URLs from the enum `join__Graph` (join specification, `@join__graph`). */
export function subgraphList(
  document: DocumentNode,
  features: readonly LinkedFeature[],
): readonly Subgraph[] {
  const namespace = features.find(({ identity }) => identity.endsWith('/join'))?.name ?? 'join'
  const graphs = document.definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === `${namespace}__Graph`,
  )
  const values = graphs?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphs.values ?? []) : []
  const subgraphs = values.map((value) => readSubgraph(value, `${namespace}__graph`))
  if (subgraphs.length === 0)
    throw new Error(`The supergraph names no subgraphs: ${namespace}__Graph is missing.`)
  const names = new Set(subgraphs.map(({ name }) => name))
  if (names.size < subgraphs.length) throw new Error('The supergraph gives one name to two subgraphs.')
  return subgraphs
}

function readSubgraph(value: EnumValueDefinitionNode, directiveName: string): Subgraph {
  const directive = value.directives?.find(({ name }) => name.value === directiveName)
  const argument = (name: string): unknown => {
    const node = directive?.arguments?.find((candidate) => candidate.name.value === name)
    return node && valueFromASTUntyped(node.value)
  }
  const name = argument('name')
  const url = argument('url')
  if (typeof name !== 'string' || typeof url !== 'string') {
    throw new Error(`The subgraph ${value.name.value} has no @${directiveName}(name:, url:).`)
  }
  return { name, url }
}
