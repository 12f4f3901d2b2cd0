import { z } from 'zod'

const units = (amount: number, description: string) => z.int().min(0).default(amount).describe(description)

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

/** Of `limits.cost`. */
export const costOptions = z.strictObject({
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
  report: z
    .strictObject({
      extensions: report('`extensions.cost`'),
      headers: report('the headers X-Cost-Estimated, X-Cost-Actual and X-Cost-Max'),
    })
    .prefault({})
    .describe('Whether clients are told what their operations cost.'),
})

export type CostOptions = z.output<typeof costOptions>
