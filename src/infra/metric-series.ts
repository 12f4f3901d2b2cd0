/** Label combinations of one metric; what comes after them is counted under `other`. */
const MAX_SERIES = 200
const OTHER = 'other'

export interface MetricHead {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

export interface Sample {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * The series of one metric by their label values.
 *
 * prom-client hashes its label object at every observation; here a request pays one map lookup and an
 * addition. The number of series is bounded, whatever turns up as a label value.
 */
export class SeriesMap<T> {
  readonly #head: MetricHead
  readonly #create: () => T
  readonly #series = new Map<string, { readonly labels: Record<string, string>; readonly value: T }>()

  constructor(head: MetricHead, create: () => T) {
    this.#head = head
    this.#create = create
  }

  at(...values: readonly string[]): T {
    return this.#series.get(values.join('\n'))?.value ?? this.#add(values)
  }

  *[Symbol.iterator](): Generator<{ readonly labels: Record<string, string>; readonly value: T }> {
    yield* this.#series.values()
  }

  #add(values: readonly string[]): T {
    const isFull = this.#series.size >= MAX_SERIES
    const admitted = isFull ? values.map(() => OTHER) : values
    const key = admitted.join('\n')
    const known = this.#series.get(key)
    if (known !== undefined) return known.value
    const labels = Object.fromEntries(this.#head.labels.map((label, index) => [label, admitted[index] ?? '']))
    const value = this.#create()
    this.#series.set(key, { labels, value })
    return value
  }
}

/** A number that only grows, per combination of labels; readable by a prom-client registry. */
export class CounterSeries {
  readonly type = 'counter'
  readonly name: string
  readonly #head: MetricHead
  readonly #series: SeriesMap<{ count: number }>

  constructor(head: MetricHead) {
    this.name = head.name
    this.#head = head
    this.#series = new SeriesMap(head, () => ({ count: 0 }))
  }

  add(...labelValues: readonly string[]): void {
    this.#series.at(...labelValues).count += 1
  }

  get() {
    const values: Sample[] = [...this.#series].map(({ labels, value }) => ({
      metricName: this.name,
      labels,
      value: value.count,
    }))
    return Promise.resolve({ name: this.name, help: this.#head.help, type: this.type, values })
  }
}
