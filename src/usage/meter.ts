import type { Received } from '../kernel/contexts.js'
import type { Principal } from '../kernel/principal.js'
import type { Reply, RunOperation } from '../kernel/reply.js'
import type { TrafficAccount } from '../kernel/traffic.js'
import { OUTSIDE_QUOTA, UNNAMED } from '../kernel/usage.js'
import { errorClassOf, isRefusedByLimits } from './error-class.js'
import type { QuotaBook } from './quota-book.js'
import type { Tally } from './tally.js'
import type { UsageAccount } from './usage-account.js'

/** Puts counting around a line. */
export type Meter = (run: RunOperation) => RunOperation

/**
 * Makes the one place where use is counted, whichever front end it came through: when the line has its reply, and
 * before anybody has it.
 *
 * Counted is what came to the line, refusals included; what the listener refused before (unreadable JSON, an unknown
 * route) has no caller yet. Nothing here waits for a store. `book` is undefined as long as there are no quotas.
 */
export function createMeter(tally: Tally, book: () => QuotaBook | undefined): Meter {
  const accountOf = (reply: Reply): UsageAccount =>
    tally.accountOf(
      reply.principal?.tenant ?? UNNAMED.unidentified,
      callerOf(reply.principal),
      operationOf(reply),
    )

  const countQuota = (principal: Principal | undefined, requests: number, costUnits: number): void => {
    if (principal === undefined || principal.kind === OUTSIDE_QUOTA) return
    book()?.count(principal.tenant, requests, costUnits)
  }

  /** A subscription may go on for days: what comes of it counts on the day on which it comes. */
  const accountOfStream = (reply: Reply): TrafficAccount => ({
    addBytes: (received, sent) => accountOf(reply).addBytes(received, sent),
    addEvent: (costUnits) => {
      const account = accountOf(reply)
      account.add('events', 1)
      if (costUnits === 0) return
      account.add('costUnits', costUnits)
      countQuota(reply.principal, 0, costUnits)
    },
  })

  const count = (received: Received, reply: Reply): Reply => {
    const { principal } = reply
    const account = accountOf(reply)
    account.add('requests', 1)
    if (reply.cacheStatus === 'HIT' || reply.cacheStatus === 'STALE') account.add('cacheHits', 1)
    const errorClass = errorClassOf(reply)
    if (errorClass !== undefined) account.add(errorClass, 1)
    const isRefused = isRefusedByLimits(reply)
    if (isRefused) account.add('refusedByLimits', 1)
    const { costUnits = 0 } = reply
    if (costUnits > 0) account.add('costUnits', costUnits)
    if (received.traffic !== undefined) {
      received.traffic.account = reply.stream === undefined ? account : accountOfStream(reply)
    }
    countQuota(principal, isRefused ? 0 : 1, costUnits)
    return reply
  }
  return (run) => (received) => run(received).then((reply) => count(received, reply))
}

function operationOf({ operation }: Reply): string {
  return operation === undefined ? UNNAMED.unresolved : (operation.name ?? UNNAMED.anonymous)
}

/** Of API keys: their principals live as long as they are remembered, and joining texts costs more than finding one. */
const keyCallers = new WeakMap<Principal, string>()

function callerOf(principal: Principal | undefined): string {
  if (principal === undefined) return UNNAMED.unidentified
  if (principal.apiKey === undefined) return principal.kind
  let caller = keyCallers.get(principal)
  if (caller === undefined) {
    caller = `key:${principal.apiKey.id}`
    keyCallers.set(principal, caller)
  }
  return caller
}
