import { z } from 'zod'
import { apiKeysOptions } from './api-keys/options.js'
import { enrichmentOptions } from './enrichment/options.js'
import { resourceOptions } from './protected-resource/options.js'
import { revocationsOptions } from './revocations/options.js'
import { tokenEndpointOptions } from './token-endpoint/options.js'

export { DEVELOPMENT_PEPPER } from './api-keys/options.js'

const text = () => z.string().min(1)

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp
  } catch {
    return false
  }
}

/** More than the minute that a clock may be off would keep expired tokens alive. */
const clockTolerance = () => z.int().min(0).max(60)

const claimsOptions = z.strictObject({
  tenant: text()
    .default('tenant')
    .describe(
      'Claim that names the tenant. This and the next may be paths into objects, such as `realm_access.roles`; a claim of the whole name goes first.',
    ),
  scopes: z
    .array(text())
    .min(1)
    .default(['scope', 'scopes'])
    .describe('Claims that hold the scopes, as a text with spaces or a list; the first one present counts.'),
  roles: text().default('roles').describe('Claim that holds the roles, as a list or a text with spaces.'),
  plan: text()
    .default('plan')
    .describe('Claim that names the plan: free, pro or enterprise; anything else is free.'),
  email: text().default('email').describe('Claim that holds the email address.'),
})

const machinesOptions = z.strictObject({
  claim: text().describe('Claim to look at; as of `claims`, it may be a path.'),
  pattern: z
    .string()
    .refine(isPattern, 'is no regular expression')
    .optional()
    .describe('What the claim has to match, as a text; without it the claim has to equal `sub`.'),
})

const KEY_SOURCES = ['jwksUrl', 'jwksFile', 'jwks', 'publicKey'] as const

const issuerOptions = z
  .strictObject({
    issuer: text().describe('The exact text of the iss claim.'),
    audience: z
      .union([text(), z.array(text()).min(1)])
      .optional()
      .describe('Accepted aud values; without it aud is not looked at.'),
    jwksUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where the key set is fetched from.'),
    jwksFile: text().optional().describe('File that holds the key set; read again as a key endpoint is.'),
    jwks: z
      .object({ keys: z.array(z.record(z.string(), z.unknown())) })
      .optional()
      .describe('The key set itself.'),
    publicKey: text().optional().describe('A single public key as PEM (SPKI); tokens then need no kid.'),
    algorithms: z
      .array(z.enum(['RS256', 'ES256']))
      .min(1)
      .default(['RS256', 'ES256'])
      .describe('Accepted signature algorithms.'),
    clockToleranceSeconds: clockTolerance()
      .optional()
      .describe('Replaces identity.clockToleranceSeconds for this issuer.'),
    claims: claimsOptions.prefault({}).describe('Where the facts about the caller stand in the token.'),
    machines: machinesOptions
      .optional()
      .describe(
        'By what this issuer marks tokens that a client got for itself; those whose `client_id` equals `sub` always count as such.',
      ),
  })
  .refine((issuer) => KEY_SOURCES.filter((source) => issuer[source] !== undefined).length === 1, {
    error: `needs exactly one of ${KEY_SOURCES.join(', ')}`,
  })

const keysOptions = z.strictObject({
  timeoutMs: z.int().positive().default(1_500).describe('Time to fetch a key set, in milliseconds.'),
  maxBytes: z.int().positive().default(262_144).describe('Largest key set, in bytes.'),
  refreshSeconds: z
    .number()
    .positive()
    .default(10)
    .describe(
      'How often key sets are read again in the background, in seconds: a withdrawn key is refused after this.',
    ),
  cooldownMs: z
    .int()
    .nonnegative()
    .default(1_000)
    .describe('Pause between fetches that unknown key ids cause, in milliseconds.'),
  maxStaleSeconds: z
    .int()
    .positive()
    .default(3_600)
    .describe(
      'How long the last good key set serves while its source fails, in seconds; then tokens are refused.',
    ),
})

const anonymousOptions = z.strictObject({
  allowed: z.boolean().default(true).describe('Whether requests without a credential are let in.'),
  tenant: text().default('default').describe('Tenant of callers without a credential.'),
})

const cookieOptions = z.strictObject({
  name: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'is no name of a cookie')
    .describe('Name of the cookie; with the prefix `__Host-` no other host can write it.'),
  origins: z
    .array(z.string().regex(/^https?:\/\/[^/?#@*\s]+$/, 'is no origin'))
    .default([])
    .describe(
      "Origins whose pages may use the cookie beside the gateway's own, exactly as browsers send them; they need server.cors as well. Name your own here where a proxy changes Host.",
    ),
})

/** How credentials become a principal. */
export const identityOptions = z
  .strictObject({
    issuers: z
      .array(issuerOptions)
      .default([])
      .describe('Trusted token issuers. None: every token is refused.'),
    clockToleranceSeconds: clockTolerance()
      .default(30)
      .describe('How far clocks may differ for exp and nbf, in seconds.'),
    maxTokenBytes: z.int().positive().default(8_192).describe('Longest token, in bytes.'),
    maxLifetimeSeconds: z
      .int()
      .positive()
      .default(86_400)
      .describe('Longest life of a token, exp minus iat, in seconds.'),
    maxRememberedTokens: z
      .int()
      .positive()
      .default(10_000)
      .describe('Verified tokens remembered until they expire, so that a signature is checked once.'),
    defaultTenant: text().default('default').describe('Tenant of tokens without a tenant claim.'),
    anonymous: anonymousOptions.prefault({}).describe('Callers without a credential.'),
    apiKeys: apiKeysOptions.prefault({}).describe('Keys sent as X-API-Key.'),
    keys: keysOptions.prefault({}).describe('Fetching and keeping of key sets.'),
    revocations: revocationsOptions.optional().describe('Tokens that are refused before their time.'),
    cookie: cookieOptions
      .optional()
      .describe(
        'A cookie that holds the token, read where a request has no credential in a header. Accepted only with a sign that no page of another site made the request: a header of server.csrf.headers, or the word of the browser.',
      ),
    enrichment: enrichmentOptions.optional().describe('Facts about callers from a module of the operator.'),
    resource: resourceOptions.prefault({}).describe('How the gateway names itself to clients.'),
    tokenEndpoint: tokenEndpointOptions
      .optional()
      .describe('Tokens of our own, for partners, at /oauth/token. Without it there is no such route.'),
  })
  .refine((options) => new Set(options.issuers.map(({ issuer }) => issuer)).size === options.issuers.length, {
    path: ['issuers'],
    error: 'name an issuer twice',
  })
  .refine(({ issuers, tokenEndpoint }) => !issuers.some(({ issuer }) => issuer === tokenEndpoint?.issuer), {
    path: ['tokenEndpoint', 'issuer'],
    error: 'is one of the issuers already; the gateway trusts its own tokens without that',
  })
  .refine(({ maxLifetimeSeconds, tokenEndpoint }) => (tokenEndpoint?.ttlSeconds ?? 0) <= maxLifetimeSeconds, {
    path: ['tokenEndpoint', 'ttlSeconds'],
    error: 'is more than maxLifetimeSeconds',
  })

export type IdentityOptions = z.output<typeof identityOptions>
export type IssuerOptions = z.output<typeof issuerOptions>
export type ClaimsOptions = z.output<typeof claimsOptions>
export type MachinesOptions = z.output<typeof machinesOptions>
