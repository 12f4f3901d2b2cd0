import { z } from 'zod'

/** How the event streams of subgraphs are read. */
export const eventOptions = z.strictObject({
  maxEventBytes: z
    .int()
    .positive()
    .default(1_000_000)
    .describe(
      'Largest event of a subscription, in bytes; a larger one ends it with SUBREQUEST_MALFORMED_RESPONSE.',
    ),
  maxBacklogEvents: z
    .int()
    .positive()
    .default(100)
    .describe(
      'Events of one subscription that wait for a slow client; one more ends it with SUBSCRIPTION_BACKLOG_LIMIT.',
    ),
  maxBacklogCharacters: z
    .int()
    .positive()
    .default(2_000_000)
    .describe('Length of the events that wait together, in characters.'),
  silenceTimeoutMs: z
    .int()
    .min(0)
    .default(60_000)
    .describe(
      'After how long without a byte from the subgraph, heartbeats included, a subscription counts as lost, in milliseconds. 0: never; for subgraphs that send no heartbeats.',
    ),
})

export type EventOptions = z.output<typeof eventOptions>
