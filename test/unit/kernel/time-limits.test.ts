import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { TimeLimits, type Limited } from '../../../src/kernel/time-limits.js'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

function createWorld() {
  const limits = new TimeLimits()
  const expired: string[] = []
  const add = (name: string, budgetMs: number): Limited => {
    const limited: Limited = {
      place: -1,
      expiresAtMs: performance.now() + budgetMs,
      expire: () => {
        expired.push(name)
        limits.remove(limited)
      },
    }
    limits.add(limited)
    return limited
  }
  return { limits, expired, add }
}

describe('TimeLimits', () => {
  it('ends each at its own time, a tick later at most', () => {
    const { add, expired } = createWorld()
    add('late', 100)
    add('early', 50)
    add('as early', 50)

    jest.advanceTimersByTime(49)
    expect(expired).toEqual([])
    jest.advanceTimersByTime(21)
    expect(expired).toEqual(['early', 'as early'])
    jest.advanceTimersByTime(50)
    expect(expired).toEqual(['early', 'as early', 'late'])
  })

  it('forgets what was removed, wherever it stood, and what is removed twice', () => {
    const { add, limits, expired } = createWorld()
    const [first, , middle, last] = ['first', 'stays', 'middle', 'last'].map((name) => add(name, 10))
    for (const each of [middle, first, last, middle]) if (each) limits.remove(each)

    jest.advanceTimersByTime(100)

    expect(expired).toEqual(['stays'])
  })

  it('has no timer while there is nothing to watch, and one again afterwards', () => {
    const { add, limits, expired } = createWorld()
    limits.remove(add('done', 10))
    expect(jest.getTimerCount()).toBe(1)

    jest.advanceTimersByTime(40)
    expect(jest.getTimerCount()).toBe(0)
    add('next', 10)
    jest.advanceTimersByTime(40)

    expect(expired).toEqual(['next'])
  })
})
