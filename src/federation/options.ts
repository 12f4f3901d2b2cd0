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
  warmHottest: z
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(200)
    .describe('Operations asked most often that are planned anew before a new supergraph serves.'),
  warmMs: z
    .number()
    .int()
    .positive()
    .default(5_000)
    .describe(
      'Longest time for which a new supergraph waits for that and for trusted documents, in milliseconds.',
    ),
})

const overrideLabel = z
  .string()
  .regex(/^(?!percent\()/, 'percent(…) says itself for how many it is active: change it in the subgraph')

/** Which fields with `@override(label:)` come from their new subgraph. */
const overridesOptions = z.strictObject({
  stickTo: z
    .enum(['principal', 'request'])
    .default('principal')
    .describe(
      'What decides on which side of a percentage a request falls: who asks (always the same side; without identity the address), or the request id.',
    ),
  labels: z
    .record(overrideLabel, z.union([z.boolean(), z.number().min(0).max(100)]))
    .default({})
    .describe(
      'Named labels: true, false, or the percentage for which they are active; others are not active.',
    ),
})

/** How much a planner may take to make a plan. */
const planningOptions = z.strictObject({
  timeoutMs: z
    .number()
    .int()
    .positive()
    .default(2_000)
    .describe('Longest time to plan one operation, in milliseconds; what takes longer is refused.'),
  maxWaiting: z
    .number()
    .int()
    .min(0)
    .default(200)
    .describe('New operations that may wait for the planner; more are refused with 503.'),
  threadMemoryMb: z
    .number()
    .int()
    .min(64)
    .default(1_024)
    .describe(
      "Most memory for the thread of Apollo's planner, in MiB; a supergraph of 1 MB needs about 350.",
    ),
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
  planning: planningOptions.prefault({}).describe('Bounds for the making of query plans.'),
  overrides: overridesOptions
    .prefault({})
    .describe('Which fields with `@override(label:)` come from their new subgraph.'),
  planCache: planCacheOptions.prefault({}).describe('How many query plans are remembered.'),
})

export type FederationOptions = z.output<typeof federationOptions>
export type SupergraphOptions = z.output<typeof supergraphOptions>
export type OverridesOptions = z.output<typeof overridesOptions>
export type PlanningOptions = z.output<typeof planningOptions>
export type PlanCacheOptions = z.output<typeof planCacheOptions>
