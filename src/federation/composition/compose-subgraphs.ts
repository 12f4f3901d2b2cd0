import type { CompositionResult } from '@apollo/composition'
import { GraphQLError, parse, Source, type ASTNode, type DocumentNode } from 'graphql'

import { directiveNames, linkedFeatures } from '../../kernel/linked-features.js'

/** A subgraph ready to be composed. */
export interface ComposableSubgraph {
  readonly name: string
  readonly url: string
  readonly sdl: string
}

/** One error or hint of composition. */
export interface CompositionFinding {
  readonly code: string
  readonly message: string
  readonly locations: readonly {
    readonly subgraph: string
    /** 1-based. */
    readonly line: number
    readonly column: number
  }[]
}

export type CompositionOutcome =
  | { readonly ok: true; readonly sdl: string; readonly hints: readonly CompositionFinding[] }
  | { readonly ok: false; readonly errors: readonly CompositionFinding[] }

/**
 * Specifications of ours whose arguments must be the same in every subgraph that applies them to one element.
 *
 * Composition keeps one of them and only hints, so a limit or a privacy mark could be lost unseen.
 */
const STRICT_DIRECTIVES = ['rateLimit', 'cacheControl']

/** Composes with Apollo's composition, which is loaded on first use; the same input gives the same text. */
export async function composeSubgraphs(
  subgraphs: readonly ComposableSubgraph[],
): Promise<CompositionOutcome> {
  const parsed = subgraphs.map(parseSubgraph)
  const parseErrors = parsed.flatMap((result) => ('code' in result ? [result] : []))
  if (parseErrors.length > 0) return { ok: false, errors: parseErrors }
  const services = parsed.flatMap((result) => ('typeDefs' in result ? [result] : []))
  const { default: composition } = await import('@apollo/composition')
  return toOutcome(composition.composeServices(services), strictNames(services))
}

type CompositionHint = NonNullable<CompositionResult['hints']>[number]

type Service = { name: string; url: string; typeDefs: DocumentNode }

function parseSubgraph({ name, url, sdl }: ComposableSubgraph): Service | CompositionFinding {
  try {
    return { name, url, typeDefs: parse(new Source(sdl, name)) }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const locations = (error.locations ?? []).map((location) => ({ subgraph: name, ...location }))
    return { code: 'INVALID_GRAPHQL', message: `[${name}] ${error.message}`, locations }
  }
}

/** The names of the strict directives in these subgraphs, which may import them under names of their own. */
function strictNames(services: readonly Service[]): ReadonlySet<string> {
  const imported = services
    .flatMap(({ typeDefs }) => linkedFeatures(typeDefs))
    .filter(({ specification }) => STRICT_DIRECTIVES.includes(specification))
    .flatMap((feature) => directiveNames(feature, feature.specification))
  return new Set([...STRICT_DIRECTIVES, ...imported])
}

function toOutcome(result: CompositionResult, strict: ReadonlySet<string>): CompositionOutcome {
  if (result.supergraphSdl === undefined) return { ok: false, errors: result.errors.map(errorFinding) }
  const conflicts = result.hints.filter((hint) => isConflict(hint, strict))
  if (conflicts.length > 0) return { ok: false, errors: conflicts.map(hintFinding) }
  return { ok: true, sdl: `${result.supergraphSdl.trimEnd()}\n`, hints: result.hints.map(hintFinding) }
}

function isConflict(hint: CompositionHint, strict: ReadonlySet<string>): boolean {
  return (
    hint.definition.code === 'INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS' &&
    [...strict].some((name) => hint.message.startsWith(`Non-repeatable directive @${name} `))
  )
}

function errorFinding(error: GraphQLError): CompositionFinding {
  const code = error.extensions['code']
  return {
    code: typeof code === 'string' ? code : 'COMPOSITION_ERROR',
    message: error.message,
    locations: (error.nodes ?? []).flatMap(locate),
  }
}

function hintFinding(hint: CompositionHint): CompositionFinding {
  return {
    code: hint.definition.code,
    message: hint.message.trim(),
    locations: (hint.nodes ?? []).flatMap(locate),
  }
}

/** Apollo marks the nodes of its findings with the subgraph that they stand in. */
function locate(node: ASTNode & { subgraph?: unknown }): CompositionFinding['locations'] {
  const token = node.loc?.startToken
  const subgraph = typeof node.subgraph === 'string' ? node.subgraph : node.loc?.source.name
  return token && subgraph !== undefined ? [{ subgraph, line: token.line, column: token.column }] : []
}

/** Writes a finding as one paragraph for a terminal or a log. */
export function printFinding(finding: CompositionFinding): string {
  const places = finding.locations.map(({ subgraph, line, column }) => `\n  at ${subgraph}:${line}:${column}`)
  return `${finding.code}: ${finding.message}${places.join('')}`
}
