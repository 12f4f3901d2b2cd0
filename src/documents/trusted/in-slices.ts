import { setImmediate as breathe } from 'node:timers/promises'

/** Work at one go, in milliseconds; requests wait no longer for it. */
const SLICE_MS = 8

/** Does something with each item, and lets requests through in between: a manifest may hold ten thousand. */
export async function inSlices<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let until = performance.now() + SLICE_MS
  for (const item of items) {
    if (performance.now() > until) {
      await breathe()
      until = performance.now() + SLICE_MS
    }
    work(item)
  }
}
