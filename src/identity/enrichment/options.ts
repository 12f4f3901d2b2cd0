import { z } from 'zod'

/** How facts about callers are added that their credential does not hold. */
export const enrichmentOptions = z.strictObject({
  module: z
    .string()
    .min(1)
    .describe(
      'Path of a .js or .mjs module whose default export gets the verified principal and an AbortSignal and returns facts about him: email, roles, scopes, profile.',
    ),
  cacheSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe('How long facts are remembered, in seconds.'),
  maxRemembered: z.int().positive().default(10_000).describe('Most callers whose facts are remembered.'),
  timeoutMs: z
    .int()
    .positive()
    .default(1_000)
    .describe('Time that the module has for one caller, in milliseconds.'),
  onFailure: z
    .enum(['proceed', 'refuse'])
    .default('proceed')
    .describe(
      'When the module fails: proceed with the facts known before, or with those of the credential alone; or refuse (503). Choose refuse where the module takes something away.',
    ),
  mayWiden: z
    .boolean()
    .default(false)
    .describe(
      'Whether the module may give scopes and roles that the credential does not hold, or another email address.',
    ),
})

export type EnrichmentOptions = z.output<typeof enrichmentOptions>
