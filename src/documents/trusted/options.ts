import { z } from 'zod'

const MEBIBYTE = 1024 * 1024

const mode = z.enum(['off', 'log', 'safelist', 'requireId'])

/** One place where trusted documents are listed. */
const manifest = z.union([
  z.string().min(1),
  z.strictObject({
    path: z.string().min(1).describe('A manifest file, or a folder of `.graphql` files.'),
    clientName: z
      .string()
      .min(1)
      .optional()
      .describe('For whom the ids are, where the manifest does not say it itself.'),
  }),
])

/** Where `documents publish` puts documents, and where gateways find them. */
const published = z.strictObject({
  file: z
    .string()
    .default('')
    .describe('Manifest file that `documents publish` keeps; it need not be there yet. Empty: none.'),
  redis: z
    .boolean()
    .default(false)
    .describe('Also publish through Redis, from which every gateway takes a new publication within seconds.'),
})

/** Documents that the operator knows in advance, and what becomes of others. */
export const trustedOptions = z.strictObject({
  mode: mode
    .default('off')
    .describe(
      'off: anything may be sent. log: what is not listed is counted and logged. safelist: only documents that are listed, by text or id. requireId: only ids of listed documents. Stored operations of BFF endpoints are not touched by it, and introspection is judged by `introspection`.',
    ),
  modeByPrincipal: z
    .strictObject({
      anonymous: mode.optional().describe('For callers without a credential.'),
      user: mode.optional().describe('For callers with the token of a user.'),
      machine: mode.optional().describe('For callers with an API key or a token of their own.'),
    })
    .prefault({})
    .describe('Another mode for a kind of caller.'),
  exempt: z
    .strictObject({
      scopes: z.array(z.string().min(1)).default([]).describe('Scopes of which one is enough.'),
      roles: z.array(z.string().min(1)).default([]).describe('Roles of which one is enough.'),
    })
    .prefault({})
    .describe('Callers who may send anything whatever the mode: developers, support, an admin console.'),
  manifests: z
    .array(manifest)
    .default([])
    .describe(
      "Files in Apollo's or Relay's form and folders of `.graphql` files; all of them count together.",
    ),
  published: published.prefault({}).describe('Documents that `gatehouse documents publish` adds.'),
  watch: z.boolean().default(true).describe('Take changed manifests into service without a restart.'),
  warm: z
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe(
      'Documents that are planned before a new supergraph serves, the first of those listed; after the hottest operations, and within `planCache.warmMs` together with them. 0: none.',
    ),
  maxBytes: z
    .int()
    .min(1024)
    .default(64 * MEBIBYTE)
    .describe('Largest manifest, and largest sum of the files of a folder, in bytes.'),
  exemptFromShapeLimits: z
    .boolean()
    .default(false)
    .describe(
      'Do not apply limits of tokens, depth, aliases, root fields, directives, operations, fragments and variables to trusted documents. Those that guard the process stay: nesting, expandedSelections, overlaps and values of variables.',
    ),
})

export type TrustedOptions = z.output<typeof trustedOptions>
export type TrustedMode = z.output<typeof mode>
