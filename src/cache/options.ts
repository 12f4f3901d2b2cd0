import { z } from 'zod'

/** Options of the response cache. */
export const cacheOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether whole answers to queries are remembered.'),
  defaultMaxAgeSeconds: z
    .int()
    .min(0)
    .default(0)
    .describe('Age for root fields and fields with objects that carry no @cacheControl; 0 means not at all.'),
  maxAgeSeconds: z
    .int()
    .min(1)
    .max(31_536_000)
    .default(86_400)
    .describe('No answer is kept for longer than this, whatever hints and subgraphs say.'),
  maxEntryBytes: z
    .int()
    .min(1)
    .default(1024 * 1024)
    .describe('Larger answers are not kept.'),
})

export type CacheOptions = z.output<typeof cacheOptions>
