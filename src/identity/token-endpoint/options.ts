import { z } from 'zod'
import { parseSecretHash } from './secret-hash.js'

const text = () => z.string().min(1).max(256)

/** RFC 6749 §3.3. */
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: 'is not a scope: one word of ASCII' })

export const GRANTS = ['client_credentials', 'token_exchange'] as const

const clientOptions = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9._~-]{1,64}$/, { error: 'holds something else than letters, digits and . _ ~ -' })
    .describe(
      'Name of the client. It is the `sub` of its tokens, and so the user id that subgraphs see: take one that no user has.',
    ),
  secretHash: z
    .string()
    .refine((value) => parseSecretHash(value) !== undefined, {
      error: 'is neither sha256:<hex> nor scrypt:<N>:<r>:<p>:<salt>:<digest> within 32 MB',
    })
    .describe(
      'Hash of the secret: `sha256:<hex>` for a secret of 32 random bytes, `scrypt:<N>:<r>:<p>:<salt>:<digest>` (base64url) for any other. docs/guides/tokens-for-partners.md shows how to make it.',
    ),
  scopes: z
    .array(scope)
    .default([])
    .describe('All scopes that its tokens may have; a request may ask for fewer.'),
  grants: z
    .array(z.enum(GRANTS))
    .min(1)
    .default(['client_credentials'])
    .describe('How it may get tokens: for itself, or in exchange for a token of somebody else (RFC 8693).'),
  tenant: text()
    .optional()
    .describe('Tenant of its tokens, and of those that it may exchange. Default: `identity.defaultTenant`.'),
  plan: z
    .enum(['free', 'pro', 'enterprise'])
    .default('free')
    .describe('Plan of its tokens; an exchanged one has the lower of this and its subject’s.'),
  roles: z
    .array(text().regex(/^\S+$/))
    .default([])
    .describe('Roles of its tokens; an exchanged one has those that its subject has too.'),
  audiences: z
    .array(text())
    .default([])
    .describe(
      'Other audiences that it may ask for with `audience`; the gateway accepts none of those tokens.',
    ),
})

/** Section `identity.tokenEndpoint`: tokens of our own, for partners. */
export const tokenEndpointOptions = z
  .strictObject({
    issuer: z
      .url({ protocol: /^https?$/ })
      .describe('The `iss` of the tokens: the public address of this gateway.'),
    audience: text()
      .optional()
      .describe('The `aud` of the tokens. Default: `identity.resource.url`, or else the issuer.'),
    clients: z.array(clientOptions).min(1).describe('Who may ask for tokens.'),
    ttlSeconds: z
      .int()
      .min(10)
      .max(3_600)
      .default(300)
      .describe('Life of a token, in seconds; an exchanged one ends with its subject token at the latest.'),
    keysFile: text()
      .optional()
      .describe(
        'File of the signing keys, made with mode 0600 when it is missing; instances on one file sign with the same keys. Without it keys live and die with the process.',
      ),
    rotateSeconds: z
      .int()
      .min(600)
      .max(7_776_000)
      .default(86_400)
      .describe('How long a key signs, in seconds. It stays published until its last token has expired.'),
    publishAheadSeconds: z
      .int()
      .min(60)
      .default(300)
      .describe(
        'How long a new key is published before it signs, in seconds, so that caches know it in time.',
      ),
  })
  .refine(({ clients }) => new Set(clients.map(({ id }) => id)).size === clients.length, {
    path: ['clients'],
    error: 'name a client twice',
  })
  .refine(({ publishAheadSeconds, rotateSeconds }) => 2 * publishAheadSeconds <= rotateSeconds, {
    path: ['publishAheadSeconds'],
    error: 'is more than half of rotateSeconds',
  })

export type TokenEndpointOptions = z.output<typeof tokenEndpointOptions>
export type ClientOptions = TokenEndpointOptions['clients'][number]
