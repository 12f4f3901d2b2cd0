import { z } from 'zod'

const units = (amount: number, description: string) => z.int().min(1).default(amount).describe(description)

/** What the kinds of callers may have, in units of cost. */
const perTier = (
  what: string,
  amounts: { anonymous: number; free: number; pro: number; enterprise: number },
) =>
  z.strictObject({
    anonymous: units(amounts.anonymous, `${what} without credentials.`),
    free: units(amounts.free, `${what} on the free plan.`),
    pro: units(amounts.pro, `${what} on the pro plan.`),
    enterprise: units(amounts.enterprise, `${what} on the enterprise plan.`),
  })

const report = (where: string) =>
  z
    .enum(['never', 'on-request', 'always'])
    .default('on-request')
    .describe(
      `Whether an answer tells its cost in ${where}; on-request: where the request has \`X-Cost: report\`.`,
    )

const TIERS = ['anonymous', 'free', 'pro', 'enterprise'] as const

/** Of `limits.cost`. */
export const costOptions = z
  .strictObject({
    mode: z
      .enum(['off', 'measure', 'enforce'])
      .default('off')
      .describe(
        'What is done about the cost of operations (@cost, @listSize): nothing, counting and telling it, or also refusing what is too expensive.',
      ),
    listSize: z
      .int()
      .min(0)
      .default(10)
      .describe('Items that a list is assumed to have where no @listSize says how long it is.'),
    maximum: perTier('What one operation may cost at most, of callers', {
      anonymous: 2_000,
      free: 5_000,
      pro: 20_000,
      enterprise: 100_000,
    })
      .prefault({})
      .describe('The most that one operation may be estimated to cost.'),
    subgraphs: z
      .record(
        z.string(),
        z.strictObject({ maximum: units(1_000, 'The most that one operation may cost the subgraph.') }),
      )
      .default({})
      .describe(
        'Budgets of single subgraphs by name, under `enforce`: one for which an operation is too expensive is not asked, its fields are null.',
      ),
    bucket: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .describe(
            'Whether each caller has a bucket of cost from which operations are paid; under `enforce` only.',
          ),
        windowSeconds: z
          .int()
          .min(1)
          .max(86_400)
          .default(60)
          .describe('The time that perWindow speaks of, in seconds.'),
        perWindow: perTier('What the bucket gets in one window, of callers', {
          anonymous: 10_000,
          free: 30_000,
          pro: 150_000,
          enterprise: 1_000_000,
        })
          .prefault({})
          .describe('By how much buckets refill, steadily.'),
        burst: perTier('What the full bucket holds, of callers', {
          anonymous: 5_000,
          free: 15_000,
          pro: 75_000,
          enterprise: 500_000,
        })
          .prefault({})
          .describe('What a full bucket holds; at least the maximum of one operation.'),
        events: z
          .boolean()
          .default(true)
          .describe(
            'Whether each event of a subscription is paid, with what is asked below its root field; without it a subscription is paid as a whole when it is opened.',
          ),
      })
      .prefault({})
      .describe(
        'A budget of cost for each caller: estimates are taken from it, and what was not needed is given back.',
      ),
    report: z
      .strictObject({
        extensions: report('`extensions.cost`'),
        headers: report('the headers X-Cost-Estimated, X-Cost-Actual and X-Cost-Max'),
      })
      .prefault({})
      .describe('Whether clients are told what their operations cost.'),
  })
  .superRefine(({ bucket, maximum }, context) => {
    if (!bucket.enabled) return
    for (const tier of TIERS) {
      if (bucket.burst[tier] >= maximum[tier]) continue
      context.addIssue({
        code: 'custom',
        path: ['bucket', 'burst', tier],
        message: `must be at least limits.cost.maximum.${tier}: an operation that costs more could never be paid`,
      })
    }
  })

export type CostOptions = z.output<typeof costOptions>
