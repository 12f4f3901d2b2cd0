import { z } from 'zod'

const quota = z.strictObject({
  requestsPerMonth: z.int().min(0).exactOptional().describe('Requests of a tenant in one month (UTC).'),
  costPerMonth: z.number().min(0).exactOptional().describe('Cost units of a tenant in one month (UTC).'),
})

const quotas = z.strictObject({
  free: quota.prefault({}).describe('For callers on the free plan; what is left out has no quota.'),
  pro: quota.prefault({}).describe('For callers on the pro plan.'),
  enterprise: quota.prefault({}).describe('For callers on the enterprise plan.'),
})

/** What is counted of everybody's use, where it is kept, and how much of it is too much. */
export const usageOptions = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        'Whether requests, operations, cost, bytes, errors and cache hits are counted per tenant and caller.',
      ),
    databaseUrl: z
      .union([z.literal(''), z.url({ protocol: /^postgres(ql)?$/ })])
      .default('')
      .describe(
        'PostgreSQL that keeps usage of all instances, in a schema "gatehouse" that is made when missing. A secret when it holds a password.',
      ),
    directory: z
      .string()
      .default('')
      .describe(
        'Folder that keeps usage in files, where there is no databaseUrl; with one, what could not be written when an instance stopped waits here for the next start. Neither: usage is gone with the process.',
      ),
    timeoutMs: z
      .int()
      .positive()
      .max(30_000)
      .default(2_000)
      .describe('Longest wait for the database, in milliseconds: for a connection, and for each query.'),
    flushIntervalMs: z
      .int()
      .min(100)
      .max(300_000)
      .default(5_000)
      .describe(
        'How often counts are written and quotas compared, in milliseconds; as much is lost when a process is killed.',
      ),
    retentionDays: z
      .int()
      .min(32)
      .max(36_525)
      .default(400)
      .describe('How many days are kept; at least a month, for quotas are counted from them.'),
    maxOperations: z
      .int()
      .positive()
      .default(100)
      .describe(
        'Operation names that are kept apart per caller and day; the others are counted as "(other)".',
      ),
    maxRows: z
      .int()
      .positive()
      .default(50_000)
      .describe(
        'Rows of one day that an instance keeps apart in memory; what comes after them is counted as "(other)".',
      ),
    quotas: quotas
      .prefault({})
      .describe('How much a tenant may use in a month, by the plan of the caller; 429 after.'),
    warnAt: z
      .number()
      .positive()
      .max(1)
      .default(0.8)
      .describe('Share of a quota from which answers have X-Quota-Warning.'),
  })
  .describe(
    'What callers use, counted. Changed quotas (`quotas`, `warnAt`) act on a reload; the rest needs a restart.',
  )
  .refine((options) => options.enabled || !hasQuota(options.quotas), {
    path: ['quotas'],
    error: 'needs usage.enabled: what is not counted has no end',
  })

export type UsageOptions = z.output<typeof usageOptions>
export type QuotaOptions = z.output<typeof quota>
export type QuotasOptions = z.output<typeof quotas>

/** What changes while the process serves; the rest of the options is built into its parts. */
export type LiveUsageOptions = Pick<UsageOptions, 'quotas' | 'warnAt'>

/** Says whether any plan has a quota. */
export function hasQuota(options: QuotasOptions): boolean {
  return Object.values(options).some(
    ({ requestsPerMonth, costPerMonth }) => requestsPerMonth !== undefined || costPerMonth !== undefined,
  )
}
