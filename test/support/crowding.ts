import { availableParallelism, loadavg } from 'node:os'

/** How many want each processor: a process on a crowded machine gets its share of time only. */
export function crowding(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism())
}
