import type { TrafficAccount } from '../kernel/traffic.js'
import { emptyCounts, type UsageKey, type UsageMeasure, type UsageRow } from '../kernel/usage.js'

/** The counts of one operation of one caller on one day that nobody has taken yet. */
export class UsageAccount implements TrafficAccount {
  readonly key: UsageKey
  readonly #onChange: (account: UsageAccount) => void
  #counts = emptyCounts()
  #isChanged = false

  /** `onChange` is called once, for the first count after each taking. */
  constructor(key: UsageKey, onChange: (account: UsageAccount) => void) {
    this.key = key
    this.#onChange = onChange
  }

  add(measure: UsageMeasure, amount: number): void {
    this.#counts[measure] += amount
    if (this.#isChanged) return
    this.#isChanged = true
    this.#onChange(this)
  }

  /** Bytes of bodies, which may come long after the request was counted. */
  addBytes(received: number, sent: number): void {
    if (received > 0) this.add('receivedBytes', received)
    if (sent > 0) this.add('sentBytes', sent)
  }

  take(): UsageRow {
    const counts = this.#counts
    this.#counts = emptyCounts()
    this.#isChanged = false
    return { ...this.key, ...counts }
  }
}
