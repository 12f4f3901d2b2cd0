import { describe, expect, it } from '@jest/globals'
import { WindowCounts } from '../../../src/infra/window-counts.js'

const clockAt = (startMs: number) => {
  let nowMs = startMs
  return { now: () => nowMs, advance: (ms: number) => (nowMs += ms) }
}

describe('WindowCounts', () => {
  it('counts within a window and starts anew after it', () => {
    const clock = clockAt(1_000)
    const counts = new WindowCounts(100_000, clock)
    expect(counts.incrby('ann', 1, 60)).toMatchObject({
      consumedPoints: 1,
      msBeforeNext: 60_000,
      isFirstInDuration: true,
    })
    clock.advance(59_999)
    expect(counts.incrby('ann', 2, 60)).toMatchObject({ consumedPoints: 3, msBeforeNext: 1 })
    clock.advance(1)
    expect(counts.get('ann')).toBeNull()
    expect(counts.incrby('ann', 1, 60)).toMatchObject({ consumedPoints: 1, msBeforeNext: 60_000 })
  })

  it('stays within its bytes under a flood of new keys, and keeps the youngest', () => {
    const counts = new WindowCounts(10_000, clockAt(0))
    for (let index = 0; index < 5_000; index += 1) counts.incrby(`address-${index}`, 1, 60)
    expect(counts.size).toBeLessThan(10_000 / 128)
    expect(counts.get('address-4999')?.consumedPoints).toBe(1)
    expect(counts.get('address-0')).toBeNull()
  })

  it('lets go of windows that are over when new ones come', () => {
    const clock = clockAt(0)
    const counts = new WindowCounts(1_000_000, clock)
    for (let index = 0; index < 100; index += 1) counts.incrby(`old-${index}`, 1, 60)
    clock.advance(60_000)
    counts.incrby('new', 1, 60)
    expect(counts.size).toBe(1)
  })

  it('keeps a count without duration for good', () => {
    const clock = clockAt(0)
    const counts = new WindowCounts(10_000, clock)
    counts.incrby('ann', 1, 0)
    clock.advance(1e12)
    expect(counts.incrby('ann', 1, 0)).toMatchObject({ consumedPoints: 2, msBeforeNext: -1 })
    expect(counts.delete('ann')).toBe(true)
    expect(counts.delete('ann')).toBe(false)
  })
})
