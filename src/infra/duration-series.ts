import { SeriesMap, type MetricHead, type Sample } from './metric-series.js'

/** Upper bounds in seconds: a cached answer takes well under a millisecond, a slow subgraph seconds. */
const BOUNDS_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

/** A distribution of durations, per combination of labels; readable by a prom-client registry. */
export class DurationSeries {
  readonly type = 'histogram'
  readonly name: string
  readonly #head: MetricHead
  readonly #series: SeriesMap<Durations>

  constructor(head: MetricHead) {
    this.name = head.name
    this.#head = head
    this.#series = new SeriesMap(head, () => new Durations())
  }

  observe(milliseconds: number, ...labelValues: readonly string[]): void {
    this.#series.at(...labelValues).add(milliseconds / 1_000)
  }

  get() {
    const values = [...this.#series].flatMap(({ labels, value }) => value.samples(this.name, labels))
    return Promise.resolve({ name: this.name, help: this.#head.help, type: this.type, values })
  }
}

class Durations {
  /** How many fell between the bound before and this one; the last slot is for what is over all bounds. */
  readonly #slots = new Array<number>(BOUNDS_SECONDS.length + 1).fill(0)
  #sumSeconds = 0

  add(seconds: number): void {
    const found = BOUNDS_SECONDS.findIndex((bound) => seconds <= bound)
    const slot = found < 0 ? BOUNDS_SECONDS.length : found
    this.#slots[slot] = (this.#slots[slot] ?? 0) + 1
    this.#sumSeconds += seconds
  }

  /** In the exposition format a bucket counts everything up to its bound. */
  samples(name: string, labels: Readonly<Record<string, string>>): Sample[] {
    let upTo = 0
    const buckets = this.#slots.map((count, slot) => {
      upTo += count
      const le = String(BOUNDS_SECONDS[slot] ?? '+Inf')
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: upTo }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sumSeconds },
      { metricName: `${name}_count`, labels, value: upTo },
    ]
  }
}
