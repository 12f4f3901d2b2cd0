import { z } from 'zod'

/** Settings of running plans and shaping answers. */
export const executionOptions = z.strictObject({
  exposedErrorCodes: z
    .array(z.string().min(1))
    .default(['BAD_USER_INPUT', 'NOT_FOUND', 'FORBIDDEN', 'UNAUTHENTICATED', 'CONFLICT'])
    .describe(
      'Codes of subgraph errors whose message and code reach the client; all others become SUBGRAPH_ERROR',
    ),
  shareInFlight: z
    .boolean()
    .default(true)
    .describe('Whether equal queries of one caller that are in flight together are run once for all of them'),
  maxErrors: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('Most entries in `errors` of one answer; what comes after is left out and the log says so'),
})

export type ExecutionOptions = z.output<typeof executionOptions>
