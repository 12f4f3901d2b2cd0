import { describe, expect, it } from '@jest/globals'
import { LocalLimiter } from '../../../src/infra/local-limiter.js'
import { infraOptions } from '../../../src/infra/options.js'
import { createRateCounter } from '../../../src/infra/rate-counter.js'

describe('a rate counter without Redis', () => {
  it('counts in this process, by the clock it was given', async () => {
    let nowMs = 0
    const counter = createRateCounter(undefined, infraOptions.parse({}), { now: () => nowMs })
    const limiter = counter.createLimiter({ keyPrefix: 'test', points: 2, duration: 60 })

    await expect(limiter.consume('ann')).resolves.toMatchObject({ remainingPoints: 1 })
    await expect(limiter.consume('ann')).resolves.toMatchObject({ remainingPoints: 0 })
    nowMs = 45_000
    // Also watches the seam through which LocalLimiter replaces the library's storage and its clock.
    await expect(limiter.consume('ann')).rejects.toMatchObject({ remainingPoints: 0, msBeforeNext: 15_000 })
    await expect(limiter.consume('ben')).resolves.toMatchObject({ remainingPoints: 1 })
    nowMs = 60_000
    await expect(limiter.consume('ann')).resolves.toMatchObject({ remainingPoints: 1 })
    expect(counter.isShared()).toBe(false)
  })

  it('admits the part of as many instances as there are at the moment', async () => {
    let instances = 3
    const limit = { keyPrefix: 'test', points: 4, duration: 60 }
    const limiter = new LocalLimiter(limit, 1_000_000, { now: () => 0 }, () => instances)
    await expect(limiter.consume('ann')).resolves.toMatchObject({ remainingPoints: 1 })
    await expect(limiter.consume('ann')).resolves.toMatchObject({ remainingPoints: 0 })
    await expect(limiter.consume('ann')).rejects.toMatchObject({ remainingPoints: 0 })
    instances = 1
    await expect(limiter.consume('ann')).resolves.toMatchObject({ consumedPoints: 4 })
    await expect(limiter.consume('ann')).rejects.toMatchObject({ consumedPoints: 5 })
  })

  it('goes on with the counts when the same limit is asked for again, and keeps other limits apart', async () => {
    const counter = createRateCounter(undefined, infraOptions.parse({}), { now: () => 0 })
    const limit = { keyPrefix: 'test', points: 2, duration: 60 }
    await counter.createLimiter(limit).consume('ann')
    await expect(counter.createLimiter(limit).consume('ann')).resolves.toMatchObject({ consumedPoints: 2 })
    for (const other of [{ keyPrefix: 'other' }, { points: 3 }, { duration: 30 }]) {
      const limiter = counter.createLimiter({ ...limit, ...other })
      await expect(limiter.consume('ann')).resolves.toMatchObject({ consumedPoints: 1 })
    }
  })
})
