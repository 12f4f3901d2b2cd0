import { DistributionSeries } from './distribution-series.js'
import type { MetricHead } from './metric-series.js'

/** Upper bounds in seconds: a cached answer takes well under a millisecond, a slow subgraph seconds. */
const BOUNDS_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

/** A distribution of durations, in seconds as Prometheus wants them. */
export class DurationSeries extends DistributionSeries {
  constructor(head: MetricHead) {
    super(head, BOUNDS_SECONDS)
  }

  override observe(milliseconds: number, ...labelValues: readonly string[]): void {
    super.observe(milliseconds / 1_000, ...labelValues)
  }
}
