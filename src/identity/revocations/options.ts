import { z } from 'zod'

/** Which tokens are refused before their time. */
export const revocationsOptions = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe(
      'File with one revocation a line: `jti:<token id>`, or `sub:<subject>@<time>` for all tokens of a subject issued up to that time (seconds since 1970, or ISO 8601). Empty lines and those that begin with # are passed over. Replace the file by renaming a new one over it.',
    ),
  refreshSeconds: z
    .number()
    .positive()
    .max(60)
    .default(2)
    .describe(
      'How often the file is looked at, in seconds: a token is refused at most this long after it is named.',
    ),
  maxEntries: z
    .int()
    .positive()
    .default(100_000)
    .describe('Most revocations; a longer list is not taken and the one before stays.'),
})

export type RevocationsOptions = z.output<typeof revocationsOptions>
