import type { Charged, Planned } from '../kernel/contexts.js'
import type { GatewayError } from '../kernel/gateway-error.js'
import type { Logger } from '../kernel/ports/logger.js'
import { retryLater } from '../kernel/retry-later.js'
import type { Stage } from '../kernel/stage.js'
import type { SheddingOptions } from './options.js'

export interface LoadShedding {
  /** Puts the refusal of work before a stage; one comparison for each request while nothing is refused. */
  readonly before: (stage: Stage<Charged, Planned>) => Stage<Charged, Planned>
  /** Takes one measurement of the event loop's delay, in milliseconds, into account. */
  readonly observe: (delayMs: number) => void
  /** The part of work that is refused at the moment, 0 to 1. */
  readonly refusedShare: () => number
  /** Begins to measure. */
  readonly start: () => void
  readonly stop: () => void
  readonly use: (options: SheddingOptions) => void
}

const MEASURE_MS = 100
/** A late turn or two may be a garbage collection or the making of a generation. */
const LATE_TURNS = 3
const STEP_UP = 0.1
const STEP_DOWN = 0.05

/**
 * Refuses a growing part of the work while the event loop is late, and a shrinking one once it no longer is.
 *
 * Between the two delays of the options nothing changes, so that it does not flutter. It stands behind the cache and
 * before planning: an answer that is remembered goes out, health routes are not on the line at all, and a
 * mutation that is refused has done nothing.
 */
export function createLoadShedding(
  options: SheddingOptions,
  { logger }: { readonly logger: Logger },
): LoadShedding {
  let { enabled, beginDelayMs, endDelayMs } = options
  let share = 0
  let lateTurns = 0
  let owed = 0
  let timer: NodeJS.Timeout | undefined

  const refuseShare = (next: number): void => {
    const before = share
    share = Math.min(1, Math.max(0, next))
    if (before === 0 && share > 0) logger.warn({}, 'The event loop is late; work is refused.')
    if (before > 0 && share === 0) logger.info({}, 'The event loop is in time again; no work is refused.')
  }
  const observe = (delayMs: number): void => {
    lateTurns = delayMs >= beginDelayMs ? lateTurns + 1 : 0
    if (!enabled) refuseShare(0)
    else if (lateTurns >= LATE_TURNS) refuseShare(share + STEP_UP)
    else if (delayMs < endDelayMs && share > 0) refuseShare(share - STEP_DOWN)
  }
  /** Spread evenly, so that a half is every second one. */
  const isRefused = (): boolean => {
    owed += share
    if (owed < 1 - Number.EPSILON * 8) return false
    owed -= 1
    return true
  }
  const measure = (): NodeJS.Timeout => {
    let expectedAtMs = performance.now() + MEASURE_MS
    return setInterval(() => {
      const nowMs = performance.now()
      observe(Math.max(0, nowMs - expectedAtMs))
      expectedAtMs = nowMs + MEASURE_MS
    }, MEASURE_MS).unref()
  }
  return {
    before: (stage) => ({
      name: stage.name,
      run: (context) => {
        if (share > 0 && isRefused()) throw refuse(context)
        return stage.run(context)
      },
    }),
    observe,
    refusedShare: () => share,
    start: () => {
      timer ??= measure()
    },
    stop: () => {
      clearInterval(timer)
      timer = undefined
    },
    use: (next) => {
      ;({ enabled, beginDelayMs, endDelayMs } = next)
    },
  }
}

function refuse({ responseHead }: Charged): GatewayError {
  return retryLater(responseHead, 1, 'REQUEST_CONCURRENCY_LIMITED', 'The gateway is overloaded.')
}
