import type { Generation } from '../kernel/generation.js'
import type { Logger } from '../kernel/ports/logger.js'

/** A generation together with what must be closed when its last request is done. */
export interface BuiltGeneration {
  readonly generation: Generation
  readonly close: () => Promise<void>
}

/** Holds the generation that serves, and lets the one before it finish its work. */
export interface Generations {
  readonly current: () => Generation | undefined
  /** Serves `next` from now on. The one before is closed when its last request has its reply. */
  readonly replace: (next: BuiltGeneration) => void
  /** Closes the one that serves; for the end of the process, after the drain. */
  readonly close: () => Promise<void>
}

interface Held {
  readonly generation: Generation
  readonly close: () => Promise<void>
  inFlight: number
  retired: boolean
}

/** Makes the holder. Work in flight finishes on the generation it started with (design promise 5). */
export function createGenerations(logger: Logger): Generations {
  let serving: Held | undefined

  function retire(held: Held): void {
    held.retired = true
    if (held.inFlight === 0) closeQuietly(held)
  }

  function closeQuietly(held: Held): void {
    held
      .close()
      .catch((error: unknown) => logger.warn({ err: error }, 'a retired generation did not close cleanly'))
  }

  function counted({ generation, close }: BuiltGeneration): Held {
    const held: Held = {
      inFlight: 0,
      retired: false,
      close,
      generation: {
        ...generation,
        async runOperation(received) {
          held.inFlight += 1
          try {
            return await generation.runOperation(received)
          } finally {
            held.inFlight -= 1
            if (held.retired && held.inFlight === 0) closeQuietly(held)
          }
        },
      },
    }
    return held
  }

  return {
    current: () => serving?.generation,
    replace(next) {
      const before = serving
      serving = counted(next)
      if (before !== undefined) retire(before)
    },
    async close() {
      const last = serving
      serving = undefined
      await last?.close()
    },
  }
}
