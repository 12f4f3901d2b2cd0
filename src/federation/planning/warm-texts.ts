import type { OperationRecord } from '../../kernel/operation.js'

/** What came of warming. */
export interface WarmingReport {
  readonly planned: number
  /** No longer valid on this supergraph. */
  readonly unfit: number
  readonly unplannable: number
  /** Left for when they are asked for. */
  readonly outOfTime: number
}

export interface WarmingTools {
  /** Parses and validates a text against the schema that is to serve; raises where it does not fit. */
  readonly resolve: (text: string) => OperationRecord
  readonly keepPlan: (record: OperationRecord) => Promise<void>
  readonly limitMs: number
  readonly now: () => number
}

/** Plans operations ahead of their first request, in this order, until the time is over. */
export async function warmTexts(texts: readonly string[], tools: WarmingTools): Promise<WarmingReport> {
  const untilMs = tools.now() + tools.limitMs
  const report = { planned: 0, unfit: 0, unplannable: 0, outOfTime: 0 }
  for (const [index, text] of texts.entries()) {
    if (tools.now() >= untilMs) return { ...report, outOfTime: texts.length - index }
    report[await warmOne(text, tools)] += 1
  }
  return report
}

async function warmOne(
  text: string,
  { resolve, keepPlan }: WarmingTools,
): Promise<'planned' | 'unfit' | 'unplannable'> {
  let record: OperationRecord
  try {
    record = resolve(text)
  } catch {
    return 'unfit'
  }
  try {
    await keepPlan(record)
    return 'planned'
  } catch {
    // The planner's word against it is remembered, and the first who asks gets it into the log.
    return 'unplannable'
  }
}
