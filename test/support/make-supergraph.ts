/**
 * Supergraphs for tests, composed in process from a few lines of SDL.
 *
 * The world of a test stays next to what it expects: no fixture files, no subgraph servers.
 */
import { createHash } from 'node:crypto'
import composition from '@apollo/composition'
import federation from '@apollo/federation-internals'
import { buildASTSchema, parse, type DocumentNode } from 'graphql'
import { planKeyOf } from '../../src/federation/supergraph/plan-key-of.js'
import type { Subgraph, Supergraph } from '../../src/kernel/supergraph.js'

/** One subgraph of a test's graph. `url` is only needed where the test really calls it. */
export interface TestSubgraph {
  readonly name: string
  readonly url?: string
  /** Subgraph SDL. Without a `schema @link` of its own it gets {@link FEDERATION_LINK}. */
  readonly typeDefs: string
  /** 1 where the SDL is of Federation 1, which links nothing. */
  readonly federation?: 1
}

/** Every federation directive that a test is likely to write, under its short name. */
export const FEDERATION_LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", "@tag", "@extends",
  "@interfaceObject", "@composeDirective", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize"
])
`

/** Links, composes and defines `@rateLimit`; put it behind {@link FEDERATION_LINK}. */
export const RATE_LIMIT_LINK = `extend schema
  @link(url: "https://gatehouse.dev/rateLimit/v1.0", import: ["@rateLimit"])
  @composeDirective(name: "@rateLimit")
directive @rateLimit(limit: Int!, duration: Int!, keyArguments: [String!], weightBy: String) on FIELD_DEFINITION | OBJECT
`

/**
 * Composes subgraphs as `gatehouse compose` does; throws with every composition error in the message.
 *
 * `runSatisfiability: false` leaves out the check that every operation can be planned.
 */
export function makeSupergraph(
  subgraphs: readonly TestSubgraph[],
  options: { readonly runSatisfiability?: boolean } = {},
): Supergraph {
  const services = subgraphs.map((subgraph) => ({
    name: subgraph.name,
    url: urlOf(subgraph),
    typeDefs: subgraphDocument(subgraph),
  }))
  const composed = composition.composeServices(services, options)
  if (composed.supergraphSdl === undefined) {
    throw new Error(`The test's subgraphs do not compose:\n${composed.errors.map(String).join('\n')}`)
  }
  return toSupergraph(
    composed.supergraphSdl,
    subgraphs.map((subgraph) => ({ name: subgraph.name, url: urlOf(subgraph) })),
  )
}

/** Reads a supergraph SDL that a test wrote by hand, for what no composer of today would produce. */
export function toSupergraph(sdl: string, subgraphs: readonly Subgraph[] = []): Supergraph {
  const schema = buildASTSchema(parse(sdl), { assumeValid: true, assumeValidSDL: true })
  return {
    id: createHash('sha256').update(sdl).digest('hex'),
    sdl,
    schema,
    planKey: planKeyOf(schema),
    apiSchema: federation.Supergraph.build(sdl, { supportedFeatures: null }).apiSchema().toGraphQLJSSchema(),
    subgraphs,
  }
}

function urlOf(subgraph: TestSubgraph): string {
  return subgraph.url ?? `http://${subgraph.name}.invalid/graphql`
}

/** The SDL as composition and a subgraph server read it. */
export function subgraphDocument({ typeDefs, federation }: TestSubgraph): DocumentNode {
  const links = federation === 1 || typeDefs.includes('https://specs.apollo.dev/federation/')
  return parse(links ? typeDefs : FEDERATION_LINK + typeDefs)
}
