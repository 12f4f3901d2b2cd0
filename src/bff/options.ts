import { z } from 'zod'

export const bffOptions = z
  .strictObject({
    directory: z
      .string()
      .default('')
      .describe(
        'Folder of compiled endpoint modules (each beside its .graphql file), relative to the config file. Empty: no BFF endpoints.',
      ),
  })
  .prefault({})

export type BffOptions = z.output<typeof bffOptions>
