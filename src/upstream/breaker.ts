import type { Clock } from '../kernel/ports/clock.js'
import type { UpstreamOptions } from './options.js'

export type BreakerState = 'closed' | 'open' | 'half-open'

/** Leave to make one call; handed back with what came of it. */
export interface Permit {
  readonly epoch: number
  readonly startedAtMs: number
}

/** `nothing`: the call was given up for reasons that say nothing about the subgraph. */
export type Verdict = 'success' | 'fault' | 'nothing'

const SLICES = 10

/**
 * Decides whether a subgraph may be called, from what came of the last calls.
 *
 * Closed while fewer than half of at least twenty calls in ten seconds fail (defaults); then open for five
 * seconds; then a few probes decide. Figures: notes, security §5.2.
 */
export class Breaker {
  readonly #options: UpstreamOptions['breaker']
  readonly #clock: Clock
  #state: BreakerState = 'closed'
  /** Raised at every change of state: what started before a change no longer counts after it. */
  #epoch = 0
  #probeAtMs = 0
  #probesLeft = 0
  #probesToSucceed = 0
  #slices: Slice[] = []

  constructor(options: UpstreamOptions['breaker'], clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Gives leave for one call, or `undefined` while the subgraph is to be left alone. */
  acquire(): Permit | undefined {
    const startedAtMs = this.#clock.now()
    if (this.#state === 'open' && startedAtMs >= this.#probeAtMs) this.#startProbing()
    if (this.#state === 'open') return undefined
    if (this.#state === 'half-open') {
      if (this.#probesLeft === 0) return undefined
      this.#probesLeft--
    }
    return { epoch: this.#epoch, startedAtMs }
  }

  settle(permit: Permit, verdict: Verdict): void {
    if (permit.epoch !== this.#epoch) return
    if (this.#state === 'half-open') this.#settleProbe(permit, verdict)
    else if (verdict !== 'nothing') this.#count(verdict === 'fault')
  }

  #settleProbe(permit: Permit, verdict: Verdict): void {
    if (verdict === 'nothing') this.#probesLeft++
    // Counted from the start of the probe: one that hung for its whole time limit has been pause enough.
    else if (verdict === 'fault') this.#open(permit.startedAtMs)
    else if (--this.#probesToSucceed === 0) this.#enter('closed')
  }

  #count(isFault: boolean): void {
    const now = this.#clock.now()
    const slice = this.#sliceAt(now)
    slice.calls++
    if (isFault) slice.faults++
    if (isFault && this.#isTooBad()) this.#open(now)
  }

  #sliceAt(now: number): Slice {
    const index = Math.floor(now / (this.#options.windowMs / SLICES))
    const oldest = index - SLICES + 1
    while (this.#slices[0] !== undefined && this.#slices[0].index < oldest) this.#slices.shift()
    let last = this.#slices.at(-1)
    if (last?.index !== index) {
      last = { index, calls: 0, faults: 0 }
      this.#slices.push(last)
    }
    return last
  }

  #isTooBad(): boolean {
    let calls = 0
    let faults = 0
    for (const slice of this.#slices) {
      calls += slice.calls
      faults += slice.faults
    }
    return calls >= this.#options.minimumCalls && faults / calls >= this.#options.failureRatio
  }

  #open(fromMs: number): void {
    this.#probeAtMs = fromMs + this.#options.openMs
    this.#enter('open')
  }

  #startProbing(): void {
    this.#probesLeft = this.#options.probes
    this.#probesToSucceed = this.#options.probes
    this.#enter('half-open')
  }

  #enter(state: BreakerState): void {
    this.#state = state
    this.#epoch++
    this.#slices = []
  }
}

interface Slice {
  readonly index: number
  calls: number
  faults: number
}
