import { z } from 'zod'

/**
 * The pepper of the demo and of a gateway.yaml that nobody changed.
 *
 * Known to everybody: whoever can write to the store could make keys of his own. Refused in production.
 */
export const DEVELOPMENT_PEPPER = 'gatehouse-development-api-key-pepper'

const MIN_PEPPER_CHARACTERS = 32

/** Which API keys are accepted, where they are kept and how long what was read of them counts. */
export const apiKeysOptions = z
  .strictObject({
    databaseUrl: z
      .union([z.literal(''), z.url({ protocol: /^postgres(ql)?$/ })])
      .default('')
      .describe(
        'PostgreSQL that keeps the keys for all instances, in a schema "gatehouse" that is made when missing. A secret when it holds a password.',
      ),
    directory: z
      .string()
      .default('')
      .describe(
        'Folder that keeps the keys in a file, where there is no databaseUrl; all instances must see it. Neither: API keys are refused.',
      ),
    pepper: z
      .string()
      .default('')
      .describe(
        `Secret of at least ${String(MIN_PEPPER_CHARACTERS)} characters under which secrets of keys are hashed; needed where keys are kept. Another one voids all keys.`,
      ),
    timeoutMs: z
      .int()
      .positive()
      .max(30_000)
      .default(1_000)
      .describe('Longest wait for the database, in milliseconds: for a connection, and for each query.'),
    cacheSeconds: z
      .number()
      .positive()
      .default(300)
      .describe('How long a key that was read is used without reading it again, in seconds.'),
    maxStaleSeconds: z
      .number()
      .nonnegative()
      .default(300)
      .describe('How much longer it is used while the store does not answer, in seconds; then 503.'),
    revocationPollMs: z
      .int()
      .min(100)
      .default(2_000)
      .describe(
        'How often the store is asked for changed keys, in milliseconds: a revoked key is refused after this.',
      ),
    maxRemembered: z
      .int()
      .positive()
      .default(10_000)
      .describe('Keys remembered; as many again that do not exist are remembered for half a minute.'),
  })
  .refine((options) => !keepsKeys(options) || options.pepper.length >= MIN_PEPPER_CHARACTERS, {
    path: ['pepper'],
    error: `must have at least ${String(MIN_PEPPER_CHARACTERS)} characters where keys are kept`,
  })

export type ApiKeysOptions = z.output<typeof apiKeysOptions>

function keepsKeys({ databaseUrl, directory }: { databaseUrl: string; directory: string }): boolean {
  return databaseUrl !== '' || directory !== ''
}
