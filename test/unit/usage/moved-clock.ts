import type { Clock } from '../../../src/kernel/ports/clock.js'

/** A clock that stands where the test puts it. */
export function clockAt(time: string): Clock & { readonly moveTo: (time: string) => void } {
  let now = Date.parse(time)
  return {
    now: () => now,
    moveTo: (next) => {
      now = Date.parse(next)
    },
  }
}
