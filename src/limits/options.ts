import { z } from 'zod'
import { costOptions } from './cost/options.js'

const allowance = (requests: number, who: string) =>
  z.int().min(1).default(requests).describe(`Requests in one window for ${who}.`)

const requestLimitOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether requests are limited per caller.'),
  windowSeconds: z.int().min(1).max(86_400).default(60).describe('Length of the fixed window, in seconds.'),
  perWindow: z
    .strictObject({
      anonymous: allowance(300, 'one address (IPv6: one /64 network) without credentials'),
      free: allowance(600, 'one caller on the free plan'),
      pro: allowance(3_000, 'one caller on the pro plan'),
      enterprise: allowance(12_000, 'one caller on the enterprise plan'),
    })
    .prefault({})
    .describe('How many requests each kind of caller may make in one window.'),
})

const fieldLimitOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether @rateLimit in the supergraph is obeyed.'),
})

export const limitsOptions = z.strictObject({
  requests: requestLimitOptions
    .prefault({})
    .describe('Limits on requests, checked before anything is parsed.'),
  fields: fieldLimitOptions.prefault({}).describe('Limits on single fields, from @rateLimit.'),
  cost: costOptions.prefault({}).describe('Limits on what operations cost, from @cost and @listSize.'),
})

export type LimitsOptions = z.output<typeof limitsOptions>
