import { z } from 'zod'
import { USAGE_MEASURES, type UsageMeasure, type UsageRow } from '../kernel/usage.js'

/** What an earlier version did not count is nothing. */
const LATER: ReadonlySet<UsageMeasure> = new Set<UsageMeasure>(['refusedByLimits', 'events'])

const measures = Object.fromEntries(
  USAGE_MEASURES.map((measure) => [measure, LATER.has(measure) ? z.number().default(0) : z.number()]),
) as Record<UsageMeasure, z.ZodNumber>

const rows = z.array(
  z.object({ day: z.string(), tenant: z.string(), caller: z.string(), operation: z.string(), ...measures }),
)

const batch = z.object({ instance: z.string(), sequence: z.int(), rows })

const usageFile = z.object({
  format: z.literal(1),
  /** Of the last batch that is part of the rows. */
  sequence: z.int(),
  rows,
})

const outboxFile = z.object({ format: z.literal(1), batches: z.array(batch) })

/** What one instance has counted on one day. */
export interface UsageFile {
  readonly sequence: number
  readonly rows: readonly UsageRow[]
}

/** Reads the text of a file of usage; raises with one line when it is not what it should be. */
export function parseUsageFile(text: string, path: string): UsageFile {
  return parseAs(usageFile, text, path)
}

/** Reads the batches that wait for the next start. */
export function parseOutboxFile(text: string, path: string): readonly z.output<typeof batch>[] {
  return parseAs(outboxFile, text, path).batches
}

function parseAs<T>(schema: z.ZodType<T>, text: string, path: string): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`${path} does not hold usage any more; put back a copy, or move it away.`, { cause })
  }
}
