import type { Admitted, Identified } from '../kernel/contexts.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { QuotaLedger } from '../kernel/ports/quota-ledger.js'
import type { UsageOutbox, UsageStore } from '../kernel/ports/usage-store.js'
import type { RunOperation } from '../kernel/reply.js'
import type { Route } from '../kernel/route.js'
import type { Stage } from '../kernel/stage.js'
import { createTurns } from '../kernel/turns.js'
import { Batches } from './batches.js'
import { createToday, daysBefore, type CalendarDay } from './calendar.js'
import { createMeter } from './meter.js'
import { hasQuota, type LiveUsageOptions, type UsageOptions } from './options.js'
import { createQuotas, type Quotas } from './quotas.js'
import { createRounds } from './rounds.js'
import { Tally } from './tally.js'
import { createUsageReports } from './usage-reports.js'
import { createUsageRoute } from './usage-route.js'

export interface UsagePorts {
  readonly store: UsageStore
  /** Absent where what is left at the end has no place to wait. */
  readonly outbox?: UsageOutbox | undefined
  /** Absent where instances share no Redis: then the store's own sums are the totals. */
  readonly ledger?: QuotaLedger | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly onFlush?: (outcome: 'written' | 'failed') => void
}

export interface Usage {
  /** Whether anything is counted; the bytes of requests too. */
  readonly isOn: boolean
  /** Puts counting around a line. */
  readonly meter: (run: RunOperation) => RunOperation
  /** Puts quotas before the request limits. */
  readonly admit: (stage: Stage<Identified, Admitted>) => Stage<Identified, Admitted>
  /** Makes ready for other quotas; what it settles with takes them into force. What was used stays used. */
  readonly prepare: (options: LiveUsageOptions) => Promise<() => void>
  /** For operators. */
  readonly routes: readonly Route[]
  readonly health: () => readonly DependencyHealth[]
  /** Rows that are not in the store yet. */
  readonly waitingRows: () => number
  /** Begins to write in the background. */
  readonly start: () => void
  /** Writes what has been counted; settles also when the store is away. */
  readonly flush: () => Promise<void>
  /** Writes the last counts, within twice the store's time; to be called when the last request is answered. */
  readonly stop: () => Promise<void>
}

/** Makes the counting of use and the quotas over it; nothing that costs a request anything where it is off. */
export function createUsage(options: UsageOptions, ports: UsagePorts | undefined): Usage {
  return !options.enabled || ports === undefined ? OFF : createCounting(options, ports)
}

const OFF: Usage = {
  isOn: false,
  meter: (run) => run,
  admit: (stage) => stage,
  prepare: () => Promise.resolve(() => undefined),
  routes: [],
  health: () => [],
  waitingRows: () => 0,
  start: () => undefined,
  flush: () => Promise.resolve(),
  stop: () => Promise.resolve(),
}

function createCounting(options: UsageOptions, ports: UsagePorts): Usage {
  const { store, clock, logger, onFlush = () => undefined } = ports
  const { flushIntervalMs } = options
  const today = createToday(clock)
  const tally = new Tally(today, options)
  const batches = new Batches({ tally, store, outbox: ports.outbox, logger, flushIntervalMs, onFlush })
  // Those who come at once share the question for their totals.
  const makeQuotas = (named: LiveUsageOptions): Quotas =>
    createQuotas(named, { ...ports, today, onNewTenant: () => writing.soon() })
  let quotas = hasQuota(options.quotas) ? makeQuotas(options) : undefined
  const forgetOldDays = createForgetting(options, ports, today)
  const inTurn = createTurns()
  const flush = (): Promise<void> =>
    inTurn(async () => {
      await quotas?.compareBeforeWriting()
      if (!(await batches.flush(quotas?.noteWritten))) return
      await quotas?.compareAfterWriting()
      await forgetOldDays()
    })
  const writing = createRounds(flush, flushIntervalMs)
  return {
    isOn: true,
    meter: createMeter(tally, () => quotas?.book),
    // Before the request limits: whoever has used up his month costs nothing more.
    admit: (stage) => ({
      name: stage.name,
      run: (context) => {
        quotas?.assertWithin(context)
        return stage.run(context)
      },
    }),
    async prepare(next) {
      const areNew = quotas === undefined && hasQuota(next.quotas)
      // A ledger that knows nothing of this month asks the store: what was counted without quotas must be there.
      if (areNew) await flush()
      return () => {
        if (areNew) quotas = makeQuotas(next)
        else quotas?.use(next)
      }
    },
    routes: [createUsageRoute(createUsageReports(store, clock), flush)],
    health: () => [toHealth(batches)],
    waitingRows: () => batches.waiting,
    start: writing.start,
    flush,
    async stop() {
      writing.stop()
      await inTurn(async () => {
        await quotas?.compareBeforeWriting()
        await batches.flushForTheLastTime(2 * options.timeoutMs)
      })
      await store.close()
    },
  }
}

/** Deletes days that are too old, once a day. */
function createForgetting(
  { retentionDays }: UsageOptions,
  { store, logger }: UsagePorts,
  today: () => CalendarDay,
): () => Promise<void> {
  let doneOn: number | undefined
  return async () => {
    const day = today()
    if (doneOn === day.number) return
    try {
      await store.forgetBefore(daysBefore(day, retentionDays))
      doneOn = day.number
    } catch (error) {
      logger.warn({ err: error }, 'usage of old days could not be deleted')
    }
  }
}

function toHealth(batches: Batches): DependencyHealth {
  if (!batches.isFailing) return { name: 'usage', state: 'up', required: false }
  return {
    name: 'usage',
    state: 'down',
    required: false,
    detail: `Usage cannot be written; ${String(batches.waiting)} rows are kept and sent again.`,
  }
}
