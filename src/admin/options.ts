import { z } from 'zod'

/** The admin listener: section `admin` of the configuration. */
export const adminOptions = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Listen for operators at all.'),
    host: z
      .string()
      .default('127.0.0.1')
      .describe('Address of the admin listener; keep it off public networks.'),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(4010)
      .describe('Port of the admin listener; 0 takes any free one.'),
    token: z
      .string()
      .default('')
      .describe('Token that operators send as `Authorization: Bearer …`. Empty: addresses alone decide.'),
    operatorScope: z
      .string()
      .default('')
      .describe(
        'Scope with which a token of an issuer of `identity` counts as the admin token. Empty: none does. Take one that no tenant can give its own people.',
      ),
    allowedAddresses: z
      .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
      .default(['127.0.0.0/8', '::1'])
      .describe('Addresses or networks that need no token, unless a browser page sends the request.'),
  })
  .prefault({})

export type AdminOptions = z.output<typeof adminOptions>
