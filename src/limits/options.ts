import { z } from 'zod'
import { costOptions } from './cost/options.js'

const allowance = (requests: number, who: string) =>
  z.int().min(1).default(requests).describe(`Requests in one window for ${who}.`)

const onStoreFailure = z
  .enum(['local', 'open', 'closed'])
  .default('local')
  .describe(
    'While the shared store is away: each instance counts its part by itself, nobody is limited, or everybody is refused (503).',
  )

const windowSeconds = z
  .int()
  .min(1)
  .max(86_400)
  .default(60)
  .describe('Length of the window, in seconds; a token bucket is refilled by `limit` in that time.')

const algorithm = z
  .enum(['slidingWindow', 'tokenBucket'])
  .default('slidingWindow')
  .describe(
    'slidingWindow: never more than `limit` in any window. tokenBucket (GCRA): `burst` at once, then steadily `limit` per window.',
  )

const burst = z
  .int()
  .min(1)
  .optional()
  .describe('What a full token bucket holds. Absent: as much as `limit`. No use with slidingWindow.')

const tierLimit = (who: string) =>
  z.int().min(1).optional().describe(`For ${who}; absent: no limit for them.`)

const limitByTier = z
  .strictObject({
    anonymous: tierLimit('callers without credentials'),
    free: tierLimit('callers on the free plan'),
    pro: tierLimit('callers on the pro plan'),
    enterprise: tierLimit('callers on the enterprise plan'),
  })
  .describe('By plan.')

const limitOptions = z.strictObject({
  per: z
    .enum(['caller', 'user', 'apiKey', 'tenant', 'address'])
    .default('caller')
    .describe(
      'Whose requests are counted together: a user, an API key, all callers of a tenant, an address (IPv6: one /64 network); `caller`: a user, an API key or a client with a token of its own, an address without credentials. A limit that does not fit the caller does not apply.',
    ),
  limit: z
    .union([z.int().min(1), limitByTier])
    .describe('Requests in one window: a number, or one for each plan.'),
  windowSeconds,
  algorithm,
  burst,
  onStoreFailure,
})

const NAME = /^[a-z][a-z0-9-]{0,39}$/

const matchOptions = z
  .strictObject({
    frontEnds: z
      .array(z.enum(['graphql', 'bff', 'oauth']))
      .default([])
      .describe(
        'Ways in: the GraphQL endpoint, BFF endpoints, the token endpoint. Empty here and below: any.',
      ),
    routes: z
      .array(z.string().startsWith('/'))
      .default([])
      .describe(
        'Routes as they are declared, such as /web/products/:id; with `*` at the end, all that begin so.',
      ),
    endpoints: z.array(z.string()).default([]).describe('Names of the stored operations of BFF endpoints.'),
    operations: z
      .array(z.enum(['query', 'mutation', 'subscription']))
      .default([])
      .describe(
        'Kinds of operation. Where only the text tells (POST /graphql), the class is looked at once the text is parsed, beside the one before parsing.',
      ),
    clients: z
      .array(z.string())
      .default([])
      .describe('Names in apollographql-client-name. Clients choose them: not for protection.'),
    plans: z
      .array(z.enum(['anonymous', 'free', 'pro', 'enterprise']))
      .default([])
      .describe('Plans of the caller; `anonymous` without credentials.'),
    principals: z
      .array(z.enum(['anonymous', 'user', 'machine']))
      .default([])
      .describe('Kinds of caller; machines come with an API key or a token of their own.'),
    documents: z
      .array(z.enum(['stored', 'trusted', 'text']))
      .default([])
      .describe(
        'Where the operation comes from: stored with an endpoint, a trusted document named by its id, or neither (a text, or a hash that a client taught us).',
      ),
  })
  .prefault({})
  .describe('Which requests are of this class; all that is named must fit.')

const classOptions = z.strictObject({
  name: z
    .string()
    .regex(NAME)
    .describe('Stands in RateLimit-Policy and in keys; lower case, digits, hyphens.'),
  match: matchOptions,
  limits: z
    .array(limitOptions)
    .min(1)
    .describe('Limits that apply together: one refusing refuses the request.'),
  alsoDefault: z
    .boolean()
    .default(true)
    .describe(
      'Whether the limits of the default class apply as well, so that the class gives nothing extra.',
    ),
})

const perAddress = (requests: number, what: string) => ({
  enabled: z.boolean().default(true).describe('Whether these are limited at all.'),
  limit: z
    .int()
    .min(1)
    .default(requests)
    .describe(`${what} in one window from one address (IPv6: one /64 network).`),
  windowSeconds,
  onStoreFailure,
})

const requestLimitOptions = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether requests are limited at all.'),
    windowSeconds,
    perWindow: z
      .strictObject({
        anonymous: allowance(300, 'one address (IPv6: one /64 network) without credentials'),
        free: allowance(600, 'one caller on the free plan'),
        pro: allowance(3_000, 'one caller on the pro plan'),
        enterprise: allowance(12_000, 'one caller on the enterprise plan'),
      })
      .prefault({})
      .describe('How many requests each kind of caller may make in one window: the default class.'),
    algorithm,
    burst,
    onStoreFailure,
    limits: z
      .array(limitOptions)
      .default([])
      .describe('Further limits of the default class, such as one per tenant.'),
    classes: z
      .array(classOptions)
      .default([])
      .describe('Classes of requests with limits of their own. A request is of the first one that it fits.'),
    authentication: z
      .strictObject(perAddress(60, 'Requests to the token endpoint'))
      .prefault({})
      .describe(
        'The class of the token endpoint, beside the default one; any class for `oauth` goes before it.',
      ),
    failedCredentials: z
      .strictObject(perAddress(300, 'Requests with credentials that are not valid'))
      .prefault({})
      .describe(
        'Only what is answered with 401 is counted; over the limit, credentials that are not known to be good are refused unseen.',
      ),
  })
  .superRefine(({ classes }, context) => {
    const names = ['default', 'authentication', 'failed-credentials', ...classes.map(({ name }) => name)]
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) return
      context.addIssue({ code: 'custom', path: ['classes'], message: `The name ${name} is there twice.` })
    })
  })

const inFlight = (operations: number, who: string) =>
  z.int().min(1).default(operations).describe(`Operations in flight at once for ${who}, in one instance.`)

const concurrencyOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether operations in flight are limited.'),
  overall: inFlight(1_000, 'all callers together'),
  perCaller: z
    .strictObject({
      anonymous: inFlight(300, 'one address without credentials'),
      free: inFlight(300, 'one caller on the free plan'),
      pro: inFlight(500, 'one caller on the pro plan'),
      enterprise: inFlight(1_000, 'one caller on the enterprise plan'),
    })
    .prefault({})
    .describe('How many each kind of caller may have.'),
})

const sheddingOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether work is refused while this process is overloaded.'),
  beginDelayMs: z
    .int()
    .min(20)
    .default(500)
    .describe('Delay of the event loop from which more and more work is refused, in milliseconds.'),
  endDelayMs: z
    .int()
    .min(10)
    .default(150)
    .describe('Delay of the event loop under which less and less is refused, in milliseconds.'),
})

const fieldLimitOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether @rateLimit in the supergraph is obeyed.'),
})

export const limitsOptions = z
  .strictObject({
    requests: requestLimitOptions
      .prefault({})
      .describe('Limits on requests, checked before anything is parsed.'),
    concurrency: concurrencyOptions.prefault({}).describe('Limits on operations in flight (503 above).'),
    shedding: sheddingOptions
      .prefault({})
      .describe('Refusing work under overload (503); answers from the cache and health routes are spared.'),
    fields: fieldLimitOptions.prefault({}).describe('Limits on single fields, from @rateLimit.'),
    cost: costOptions.prefault({}).describe('Limits on what operations cost, from @cost and @listSize.'),
  })
  .describe('How much callers may ask. Changes act on a reload (`POST /reload`), without a restart.')

export type LimitsOptions = z.output<typeof limitsOptions>
export type RequestLimitOptions = z.output<typeof requestLimitOptions>
export type LimitOptions = z.output<typeof limitOptions>
export type ClassOptions = z.output<typeof classOptions>
export type MatchOptions = z.output<typeof matchOptions>
export type ConcurrencyOptions = z.output<typeof concurrencyOptions>
export type SheddingOptions = z.output<typeof sheddingOptions>
