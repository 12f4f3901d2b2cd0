import { SeriesMap, type MetricHead, type Sample } from './metric-series.js'

/** A distribution of numbers, per combination of labels; readable by a prom-client registry. */
export class DistributionSeries {
  readonly type = 'histogram'
  readonly name: string
  readonly #head: MetricHead
  readonly #series: SeriesMap<Distribution>

  /** `bounds`: upper ones of the buckets, ascending. */
  constructor(head: MetricHead, bounds: readonly number[]) {
    this.name = head.name
    this.#head = head
    this.#series = new SeriesMap(head, () => new Distribution(bounds))
  }

  observe(value: number, ...labelValues: readonly string[]): void {
    this.#series.at(...labelValues).add(value)
  }

  get() {
    const values = [...this.#series].flatMap(({ labels, value }) => value.samples(this.name, labels))
    return Promise.resolve({ name: this.name, help: this.#head.help, type: this.type, values })
  }
}

class Distribution {
  readonly #bounds: readonly number[]
  /** How many fell between the bound before and this one; the last slot is for what is over all bounds. */
  readonly #slots: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#slots = new Array<number>(bounds.length + 1).fill(0)
  }

  add(value: number): void {
    const found = this.#bounds.findIndex((bound) => value <= bound)
    const slot = found < 0 ? this.#bounds.length : found
    this.#slots[slot] = (this.#slots[slot] ?? 0) + 1
    this.#sum += value
  }

  /** In the exposition format a bucket counts everything up to its bound. */
  samples(name: string, labels: Readonly<Record<string, string>>): Sample[] {
    let upTo = 0
    const buckets = this.#slots.map((count, slot) => {
      upTo += count
      const le = String(this.#bounds[slot] ?? '+Inf')
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: upTo }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: upTo },
    ]
  }
}
