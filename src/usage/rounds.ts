/** Soon enough for a total that is not known yet, and late enough for several who miss theirs. */
const SOON_MS = 20

/** Work that is done again and again in the background. */
export interface Rounds {
  readonly start: () => void
  /** Brings the next round forward; does nothing where they have not started. */
  readonly soon: () => void
  readonly stop: () => void
}

/** Makes rounds of `work`, which never rejects, with a pause after each. They keep no process alive. */
export function createRounds(work: () => Promise<void>, pauseMs: number): Rounds {
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  let isSoon = false
  const schedule = (milliseconds: number): void => {
    clearTimeout(timer)
    if (!isRunning) return
    timer = setTimeout(() => {
      timer = undefined
      isSoon = false
      void work().finally(() => {
        // Somebody may have asked for the next one meanwhile.
        if (timer === undefined) schedule(pauseMs)
      })
    }, milliseconds)
    timer.unref()
  }
  return {
    start: () => {
      isRunning = true
      schedule(SOON_MS)
    },
    soon: () => {
      // Not put off again and again by those who keep asking.
      if (isSoon) return
      isSoon = true
      schedule(SOON_MS)
    },
    stop: () => {
      isRunning = false
      clearTimeout(timer)
    },
  }
}
