import { z } from 'zod'

/** How many subscriptions may be open, and how each of their events is answered. */
export const streamingOptions = z.strictObject({
  maxOpen: z
    .int()
    .min(0)
    .default(1_000)
    .describe(
      'Most subscriptions open in this process; more are refused with SUBSCRIPTION_MAX_LIMIT. 0: none at all.',
    ),
  maxOpenPerCaller: z
    .int()
    .min(0)
    .default(50)
    .describe(
      'Most subscriptions that one caller, or one address without a credential, has open in this process.',
    ),
  eventTimeoutMs: z
    .int()
    .positive()
    .default(10_000)
    .describe(
      'Time for the answer to one event, in milliseconds: its rules, and what other subgraphs add to it.',
    ),
  reloadSpreadMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(3_000)
    .describe(
      'Time over which subscriptions end when graph or rules are replaced, in milliseconds, so that their clients do not all come back at once. No event is delivered meanwhile. 0: at once.',
    ),
  recheckSeconds: z
    .number()
    .positive()
    .max(3_600)
    .default(5)
    .describe(
      'How often the credentials of open subscriptions are looked at while no events come, in seconds. Before each event they are in any case.',
    ),
})

export type StreamingOptions = z.output<typeof streamingOptions>
