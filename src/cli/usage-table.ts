import { UsageSums } from '../kernel/usage-sums.js'
import type { UsageCounts } from '../kernel/usage.js'
import type { UsageLine } from '../usage/index.js'
import { tableOf } from './table-of.js'

const NAMES = ['PERIOD', 'TENANT', 'CALLER']
const NUMBERS = ['REQUESTS', 'ERRORS', 'CACHE HITS', 'COST', 'BYTES IN', 'BYTES OUT']

/** Lines as a table for people; without `withOperations` those of a caller are added up. */
export function tableOfUsage(lines: readonly UsageLine[], withOperations: boolean): string {
  if (lines.length === 0) return 'There is no usage in this time.\n'
  const sums = new UsageSums(
    lines.map((line) => ({ ...line, day: line.period, operation: withOperations ? line.operation : '' })),
  )
  const head = [...NAMES, ...(withOperations ? ['OPERATION'] : []), ...NUMBERS]
  const rows = sums.sorted().map(({ day, tenant, caller, operation, ...counts }) => {
    const names = [day, tenant, caller, ...(withOperations ? [operation] : [])]
    return [...names, ...numbersOf(counts).map(toText)]
  })
  return tableOf([head, ...rows], (column) => column >= head.length - NUMBERS.length)
}

function numbersOf(counts: UsageCounts): readonly number[] {
  const errors = counts.clientErrors + counts.deniedErrors + counts.limitedErrors + counts.serverErrors
  return [counts.requests, errors, counts.cacheHits, counts.costUnits, counts.receivedBytes, counts.sentBytes]
}

/** Sums of fractions, without the digits that binary numbers add to them. */
function toText(number: number): string {
  return String(Math.round(number * 1_000) / 1_000)
}
