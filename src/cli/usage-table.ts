import type { UsageLine } from '../usage/index.js'
import { tableOf } from './table-of.js'

const NAMES = ['PERIOD', 'TENANT', 'CALLER']
const NUMBERS = ['REQUESTS', 'ERRORS', 'CACHE HITS', 'COST', 'BYTES IN', 'BYTES OUT']

/** A line of the table: the sums of one caller, or of one of his operations. */
interface Sum {
  readonly names: readonly string[]
  readonly numbers: readonly number[]
}

/** Lines as a table for people; without `withOperations` those of a caller are added up. */
export function tableOfUsage(lines: readonly UsageLine[], withOperations: boolean): string {
  if (lines.length === 0) return 'There is no usage in this time.\n'
  const sums = new Map<string, Sum>()
  for (const line of lines) {
    const { period, tenant, caller, operation } = line
    const names = [period, tenant, caller, ...(withOperations ? [operation] : [])]
    const key = names.join('\n')
    const before = sums.get(key)?.numbers
    sums.set(key, { names, numbers: numbersOf(line).map((number, index) => number + (before?.[index] ?? 0)) })
  }
  const head = [...NAMES, ...(withOperations ? ['OPERATION'] : []), ...NUMBERS]
  const rows = [...sums.values()].map(({ names, numbers }) => [...names, ...numbers.map(toText)])
  return tableOf([head, ...rows], (column) => column >= head.length - NUMBERS.length)
}

function numbersOf(line: UsageLine): readonly number[] {
  const errors = line.clientErrors + line.deniedErrors + line.limitedErrors + line.serverErrors
  return [line.requests, errors, line.cacheHits, line.costUnits, line.receivedBytes, line.sentBytes]
}

/** Sums of fractions, without the digits that binary numbers add to them. */
function toText(number: number): string {
  return String(Math.round(number * 1_000) / 1_000)
}
