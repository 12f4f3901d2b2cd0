import { z } from 'zod'

const introspectedSubgraph = z.strictObject({
  name: z.string().min(1).describe('Name of the subgraph in plans, options and logs.'),
  url: z.url().describe('Where the subgraph answers GraphQL requests; asked for its SDL at start and polls.'),
})

/** Where the supergraph comes from: at most one of file, compose and introspect. */
const supergraphOptions = z
  .strictObject({
    file: z
      .string()
      .optional()
      .describe('A composed supergraph SDL file; schema/supergraph.graphql when no source is named.'),
    compose: z
      .string()
      .optional()
      .describe("A list of subgraphs in the format of Rover's supergraph.yaml, composed at start."),
    introspect: z
      .array(introspectedSubgraph)
      .min(1)
      .optional()
      .describe('Running subgraphs whose SDL is fetched and composed at start and on every poll.'),
    watch: z.boolean().default(true).describe('Load a changed supergraph without a restart.'),
    pollIntervalSeconds: z
      .number()
      .positive()
      .default(10)
      .describe('How often files are compared and running subgraphs are asked again, while watching.'),
    fetchTimeoutSeconds: z
      .number()
      .positive()
      .default(10)
      .describe('How long one subgraph may take to give its SDL.'),
    snapshotFile: z
      .string()
      .optional()
      .describe('Keeps the last good supergraph; served at start while the source is not to be had.'),
  })
  .refine(namesOneSource, { error: 'name only one of file, compose and introspect' })

function namesOneSource(options: { file?: unknown; compose?: unknown; introspect?: unknown }): boolean {
  const sources = [options.file, options.compose, options.introspect]
  return sources.filter((source) => source !== undefined).length <= 1
}

/** What a plan cache may hold. */
const planCacheOptions = z.strictObject({
  maxEntries: z.number().int().positive().default(10_000).describe('Most plans that are remembered.'),
  maxBytes: z
    .number()
    .int()
    .positive()
    .default(64 * 1024 * 1024)
    .describe('Most memory for remembered plans, in bytes, estimated.'),
})

/** How the supergraph is loaded and operations are planned. */
export const federationOptions = z.strictObject({
  supergraph: supergraphOptions.prefault({}).describe('Where the supergraph comes from.'),
  planner: z
    .enum(['native', 'apollo', 'auto'])
    .default('auto')
    .describe(
      'Who plans: the native planner, Apollo’s, or (auto) the native one, and Apollo’s where the former fails.',
    ),
  planCache: planCacheOptions.prefault({}).describe('How many query plans are remembered.'),
})

export type FederationOptions = z.output<typeof federationOptions>
export type SupergraphOptions = z.output<typeof supergraphOptions>
export type PlanCacheOptions = z.output<typeof planCacheOptions>
