import { describe, expect, it, jest } from '@jest/globals'
import { PlanCache, type CachedPlan } from '../../../src/federation/planning/plan-cache.js'
import { failureBytes, planBytes } from '../../../src/federation/planning/plan-size.js'
import { PlanningInterrupted } from '../../../src/federation/planning/planning-interrupted.js'
import type { QueryPlan } from '../../../src/kernel/query-plan.js'

const made: CachedPlan = { plan: { node: undefined }, planners: ['native'], text: '{ a }', hits: 0 }

function createCache(changes: { maxEntries?: number; maxBytes?: number } = {}) {
  let now = 1_000
  const cache = new PlanCache({ maxEntries: 10, maxBytes: 100_000, ...changes }, { now: () => now })
  return { cache, pass: (ms: number) => void (now += ms) }
}

describe('the plan cache', () => {
  it('makes a plan once, however many wait for it, and counts who comes later', async () => {
    const { cache } = createCache()
    const make = jest.fn(() => Promise.resolve({ ...made }))
    const [one, other] = await Promise.all([cache.get('a', make), cache.get('a', make)])
    expect(one).toBe(other)
    expect(one).toMatchObject({ hits: 0 })
    expect(cache.get('a', make)).toBe(one)
    expect(cache.get('a', make)).toMatchObject({ hits: 2 })
    expect(make).toHaveBeenCalledTimes(1)
  })

  it('fails once for all who wait, and remembers what the planner said', async () => {
    const { cache, pass } = createCache()
    const make = jest.fn(() => Promise.reject(new Error('why')))
    const results = await Promise.allSettled([cache.get('a', make), cache.get('a', make)])
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
    pass(365 * 24 * 3_600_000)
    expect(() => cache.get('a', make)).toThrow(expect.objectContaining({ code: 'QUERY_PLANNING_FAILED' }))
    expect(make).toHaveBeenCalledTimes(1)
  })

  it.each(['timeout', 'crash'] as const)('forgets a %s after half a minute', async (reason) => {
    const { cache, pass } = createCache()
    const interrupted = new PlanningInterrupted(reason, 'late')
    const make = jest
      .fn<() => Promise<CachedPlan>>()
      .mockRejectedValueOnce(interrupted)
      .mockResolvedValue(made)
    await expect(cache.get('a', make)).rejects.toMatchObject({
      code: 'QUERY_PLANNING_FAILED',
      cause: interrupted,
    })
    pass(29_999)
    expect(() => cache.get('a', make)).toThrow('could not be planned')
    pass(1)
    expect(await cache.get('a', make)).toBe(made)
  })

  it.each([
    ['busy', 'REQUEST_CONCURRENCY_LIMITED'],
    ['closed', 'QUERY_PLANNING_FAILED'],
  ] as const)('does not remember that the planner was %s', async (reason, code) => {
    const { cache } = createCache()
    const make = jest
      .fn<() => Promise<CachedPlan>>()
      .mockRejectedValueOnce(new PlanningInterrupted(reason, 'not now'))
      .mockResolvedValue(made)
    await expect(cache.get('a', make)).rejects.toMatchObject({ code })
    expect(await cache.get('a', make)).toBe(made)
  })

  it('is bounded by bytes, and keeps what is used in a flood of what is not', async () => {
    const text = 'x'.repeat(1_000)
    const bytes = planBytes(made.plan, text)
    const { cache } = createCache({ maxEntries: 1_000, maxBytes: 80 * bytes })
    const make = jest.fn(() => Promise.resolve({ ...made, text }))
    for (const key of ['used', 'used']) await cache.get(key, make)
    for (let index = 0; index < 500; index += 1) await cache.get(`once-${index}`, make)
    expect(make).toHaveBeenCalledTimes(501)
    for (const key of ['used', 'once-499', 'once-490', 'once-489']) await cache.get(key, make)
    expect(make).toHaveBeenCalledTimes(502)
  })

  it('counts what execution compiles from a plan, too', () => {
    const text = 'x'.repeat(1_000)
    const plan = { node: { kind: 'Fetch', operation: text } } as unknown as QueryPlan
    // Two bytes a character for the plan; measured, its compiled program takes 5.5 times that.
    expect(planBytes(plan, '')).toBeGreaterThan(6.5 * 2 * text.length)
  })

  it('counts what failures quote', () => {
    const cause = new Error('x'.repeat(1_000))
    expect(failureBytes(new Error('no', { cause })) - failureBytes(new Error('no'))).toBe(4_000)
  })
})
