import type { UsageLine } from '../../../src/usage/index.js'
import { USAGE_MEASURES, UNNAMED } from '../../../src/kernel/usage.js'

/** Somebody who sends requests, and under what he should be counted. */
export interface LoadCaller {
  readonly tenant: string
  readonly caller: string
  readonly headers: Readonly<Record<string, string>>
}

/** What one client wrote down of one request that he had an answer to. */
interface Noted {
  readonly caller: LoadCaller
  readonly operation: string
  readonly measure: 'deniedErrors' | 'clientErrors' | undefined
  readonly receivedBytes: number
  readonly sentBytes: number
}

/** An operation as it is sent, and what should be counted of it. */
const OPERATIONS = [
  { query: 'query Open($n: Int) { open(n: $n) }', operation: 'Open', measure: undefined },
  { query: 'query Other($n: Int) { open(n: $n) }', operation: 'Other', measure: undefined },
  { query: '{ open }', operation: UNNAMED.anonymous, measure: undefined },
  { query: 'query Secret { open secret }', operation: 'Secret', measure: 'deniedErrors' },
  { query: '{ nothing }', operation: UNNAMED.unresolved, measure: 'clientErrors' },
] as const

export interface LoadScript {
  /** Requests that were answered so far. */
  readonly answered: () => number
  /** Ends after the requests that are under way, and settles with the lines that an export should have. */
  readonly finish: () => Promise<ReadonlyMap<string, object>>
}

/**
 * Sends requests without a pause from several clients, to whichever gateway `target` names at the moment.
 *
 * A request that fails without an answer fails the script: nobody could say whether it was counted.
 */
export function startLoad(callers: readonly LoadCaller[], target: (client: number) => string): LoadScript {
  const noted: Noted[] = []
  let isOver = false
  const clients = callers.map(async (caller, client) => {
    for (let turn = 0; !isOver; turn += 1) {
      const { query, operation, measure } = OPERATIONS[turn % OPERATIONS.length] ?? OPERATIONS[0]
      const body = JSON.stringify({ query, variables: query.includes('$n') ? { n: turn } : undefined })
      const response = await fetch(`${target(client)}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...caller.headers },
        body,
      })
      const text = await response.text()
      noted.push({
        ...{ caller, operation, measure },
        receivedBytes: Buffer.byteLength(body),
        sentBytes: Buffer.byteLength(text),
      })
    }
  })
  // Looked at when the script ends.
  const ended = Promise.all(clients)
  ended.catch(() => undefined)
  return {
    answered: () => noted.length,
    async finish() {
      isOver = true
      await ended
      return byKey(noted)
    },
  }
}

function byKey(noted: readonly Noted[]): ReadonlyMap<string, object> {
  const sums = new Map<string, Record<string, number>>()
  for (const { caller, operation, measure, receivedBytes, sentBytes } of noted) {
    const key = [caller.tenant, caller.caller, operation].join(' ')
    const sum = sums.get(key) ?? Object.fromEntries(USAGE_MEASURES.map((name) => [name, 0]))
    sums.set(key, sum)
    const counts = { requests: 1, receivedBytes, sentBytes, ...(measure && { [measure]: 1 }) }
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count
  }
  return sums
}

/** An export in the same form; days are added up, as a test may run over midnight. */
export function exportByKey(lines: readonly UsageLine[]): ReadonlyMap<string, object> {
  const sums = new Map<string, Record<string, number>>()
  for (const line of lines) {
    const key = [line.tenant, line.caller, line.operation].join(' ')
    const sum = sums.get(key) ?? {}
    sums.set(key, sum)
    for (const name of USAGE_MEASURES) sum[name] = (sum[name] ?? 0) + line[name]
  }
  return sums
}
