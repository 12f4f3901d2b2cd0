import { randomUUID } from 'node:crypto'
import type { QuotaLedger, QuotaReport } from '../kernel/ports/quota-ledger.js'
import { NOTHING_USED, type QuotaTotals, type UsageStore } from '../kernel/ports/usage-store.js'
import type { RedisConnection } from './redis-connection.js'

/** Long enough for a month and for whoever looks back at it. */
const KEPT_SECONDS = 70 * 86_400
/** Reports on their way at once. */
const SENT_AT_ONCE = 100

/**
 * One tenant's month: the totals, and of each instance how much it has reported.
 *
 * A report is a running sum, so that only what is new of it is added. An instance of which nothing is kept had
 * reported what it says it had, to a Redis that forgot; the total is then at least what it was told last. An
 * instance that was told nothing yet asks first where nothing is kept of the tenant: the answer is empty, and it
 * comes again with what it found in the store, which may have its own counts or not.
 */
const REPORT = `
local instance, seconds, mode = ARGV[1], ARGV[2], ARGV[3]
local held = redis.call('HMGET', KEYS[1], 'requests', 'cost', 'requests:' .. instance, 'cost:' .. instance)
local isNew = not held[1]
if isNew and mode == 'ask' then return {} end
local function text(number) return string.format('%.17g', number) end
local answer = {}
for i, name in ipairs({ 'requests', 'cost' }) do
  local counted, reported, told = tonumber(ARGV[3 + i]), tonumber(ARGV[5 + i]), tonumber(ARGV[7 + i])
  local before = tonumber(held[2 + i] or reported)
  local total
  if isNew and mode == 'looked' then
    total = math.max(told, counted)
  else
    if mode == 'looked' then told = 0 end
    total = math.max(tonumber(held[i] or 0), told) + math.max(0, counted - before)
  end
  redis.call('HSET', KEYS[1], name, text(total), name .. ':' .. instance, text(math.max(before, counted)))
  answer[i] = text(total)
end
redis.call('EXPIRE', KEYS[1], seconds)
return answer`

type Mode = 'told' | 'ask' | 'looked'

/**
 * Totals of quotas in Redis, shared by all instances; one key for each tenant and month.
 *
 * A Redis that lost its memory is told again by the instances; where all of them are new, too, the store is asked.
 */
export function createRedisQuotaLedger(
  redis: RedisConnection,
  store: Pick<UsageStore, 'monthTotals'>,
): QuotaLedger {
  const instance = randomUUID()

  const send = async (
    month: string,
    { tenant, counted, reported, known }: QuotaReport,
    mode: Mode,
  ): Promise<QuotaTotals | undefined> => {
    const told = [counted, reported, known].flatMap(({ requests, costUnits }) => [requests, costUnits])
    const key = `quota:${month}:${tenant}`
    const answer = await redis.client.eval(REPORT, 1, key, instance, KEPT_SECONDS, mode, ...told)
    const [requests, costUnits] = (answer as readonly string[]).map(Number)
    return requests === undefined || costUnits === undefined ? undefined : { requests, costUnits }
  }
  const sendAll = (month: string, reports: readonly QuotaReport[], modeOf: (report: QuotaReport) => Mode) =>
    Promise.all(reports.map(async (report) => ({ report, total: await send(month, report, modeOf(report)) })))
  /** With what the store has of them; undefined where it is away, which whoever writes to it says. */
  const look = async (month: string, reports: readonly QuotaReport[]) => {
    const tenants = reports.map(({ tenant }) => tenant)
    const found = await store.monthTotals(month, tenants).catch(() => undefined)
    return found && reports.map((report) => ({ ...report, known: found.get(report.tenant) ?? NOTHING_USED }))
  }
  return {
    async report(month, reports) {
      if (redis.state() === 'down') throw new Error('Redis is away.')
      const totals = new Map<string, QuotaTotals>()
      const unknown: QuotaReport[] = []
      for (const some of partsOf(reports)) {
        const answers = await sendAll(month, some, (report) => (wasTold(report) ? 'told' : 'ask'))
        for (const { report, total } of answers) {
          if (total === undefined) unknown.push(report)
          else totals.set(report.tenant, total)
        }
      }
      for (const some of partsOf(unknown)) {
        const looked = await look(month, some)
        // The others are had all the same; these come again.
        if (looked === undefined) break
        for (const { report, total } of await sendAll(month, looked, () => 'looked'))
          totals.set(report.tenant, total ?? report.known)
      }
      return totals
    },
  }
}

function* partsOf(reports: readonly QuotaReport[]): Generator<readonly QuotaReport[]> {
  for (let first = 0; first < reports.length; first += SENT_AT_ONCE)
    yield reports.slice(first, first + SENT_AT_ONCE)
}

function wasTold({ reported, known }: QuotaReport): boolean {
  return [reported, known].some(({ requests, costUnits }) => requests > 0 || costUnits > 0)
}
