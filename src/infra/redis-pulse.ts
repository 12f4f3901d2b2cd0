/** Wait between two pings of a store that does not answer, in milliseconds. */
const BEAT_MS = 500
/** Pings without an answer after which the socket itself is given up. */
const LOST_BEATS = 4

export interface PulseActions {
  /** Rejects when no answer came in time. */
  readonly ping: () => Promise<unknown>
  /** Called when the first ping was lost, and when one is answered again. */
  readonly onChange: (alive: boolean) => void
  /** Called when the connection is better made anew. */
  readonly giveUp: () => void
}

export interface Pulse {
  /** Somebody's command had no answer: find out whether the store lives. */
  readonly suspect: () => void
  /** False from the first lost ping until one is answered. */
  readonly isAlive: () => boolean
  /** Forgets all doubt and stops asking; for a connection that was made anew or closed. */
  readonly reset: () => void
}

/**
 * Finds out, on nobody's time, whether a connected store still answers.
 *
 * A frozen process or a dead network path keeps its socket open, so the connection state alone says nothing.
 * One lost command is only a doubt, since our own event loop may have been late: the ping decides. While
 * it goes unanswered no request waits for the store; the pulse asks in the background.
 */
export function createPulse(actions: PulseActions): Pulse {
  let asking = false
  let lostBeats = 0
  let round = 0
  let timer: NodeJS.Timeout | undefined

  const beat = (): void => {
    const mine = round
    actions.ping().then(
      () => mine === round && answered(),
      () => mine === round && missed(),
    )
  }
  const answered = (): void => {
    const wasLost = lostBeats > 0
    asking = false
    lostBeats = 0
    if (wasLost) actions.onChange(true)
  }
  const missed = (): void => {
    lostBeats += 1
    timer = setTimeout(beat, BEAT_MS)
    timer.unref()
    if (lostBeats === 1) actions.onChange(false)
    if (lostBeats % LOST_BEATS === 0) actions.giveUp()
  }
  return {
    suspect: () => {
      if (asking) return
      asking = true
      beat()
    },
    isAlive: () => lostBeats === 0,
    reset: () => {
      round += 1
      asking = false
      lostBeats = 0
      clearTimeout(timer)
    },
  }
}
