import type { Generation } from '../kernel/generation.js'
import type { Logger } from '../kernel/ports/logger.js'

/** A generation together with what must be closed when its last request is done. */
export interface BuiltGeneration {
  readonly generation: Generation
  readonly close: () => Promise<void>
  /** Ends what would go on for as long as clients like, such as subscriptions; called when another one serves. */
  readonly retire?: (() => void) | undefined
}

/** Holds the generation that serves, and lets the one before it finish its work. */
export interface Generations {
  readonly current: () => Generation | undefined
  /** Serves `next` from now on. The one before is closed when its last request has its reply. */
  readonly replace: (next: CountedGeneration) => void
  /** Closes the one that serves; for the end of the process, after the drain. */
  readonly close: () => Promise<void>
}

/** A generation that knows when nobody works on it any more. */
export interface CountedGeneration extends BuiltGeneration {
  /** Closes at once when idle, otherwise after the last reply; for the one that no longer gets requests. */
  readonly retire: () => void
}

/** Counts the work on a generation, so that it can be closed behind its last request. */
export function countWork(built: BuiltGeneration, logger: Logger): CountedGeneration {
  let inFlight = 0
  let retired = false

  function leave<Result>(result: Result): Result {
    inFlight -= 1
    closeWhenIdle()
    return result
  }

  function closeWhenIdle(): void {
    if (!retired || inFlight > 0) return
    built
      .close()
      .catch((error: unknown) => logger.warn({ err: error }, 'a retired generation did not close cleanly'))
  }

  return {
    close: built.close,
    retire() {
      retired = true
      built.retire?.()
      closeWhenIdle()
    },
    generation: {
      ...built.generation,
      // It never rejects (kernel/reply.ts), so that counting needs no more than this.
      runOperation(received) {
        inFlight += 1
        return built.generation.runOperation(received).then(leave)
      },
    },
  }
}

/** Makes the holder. Work in flight finishes on the generation it started with (design promise 5). */
export function createGenerations(): Generations {
  let serving: CountedGeneration | undefined
  return {
    current: () => serving?.generation,
    replace(next) {
      const before = serving
      serving = next
      before?.retire()
    },
    async close() {
      const last = serving
      serving = undefined
      await last?.close()
    },
  }
}
