import { describe, expect, it } from '@jest/globals'
import { createLocalLimitStore } from '../../../src/infra/limit-store/local-limit-store.js'
import type { Budget, Claim } from '../../../src/kernel/ports/limit-store.js'
import { createRandom, pick, type Random } from '../../support/random.js'

const MEMORY = 16 * 1024 * 1024

function createWorld(facts: { readonly bytes?: number; readonly instances?: number } = {}) {
  const clock = { nowMs: 1_000_000, now: () => clock.nowMs }
  const store = createLocalLimitStore(facts.bytes ?? MEMORY, clock, () => facts.instances ?? 1)
  return { clock, store }
}

function budget(facts: Partial<Budget> = {}): Budget {
  return {
    name: 'test',
    algorithm: 'slidingWindow',
    limit: 10,
    windowMs: 60_000,
    burst: 10,
    onStoreFailure: 'local',
    ...facts,
  }
}

const below = (random: Random, bound: number): number => Math.floor(random() * bound)

const of = (limit: Budget, subject = 'ann', points = 1): Claim => ({ budget: limit, subject, points })

describe('a sliding window', () => {
  it('admits exactly its limit at once, and again when the window is over', () => {
    const { clock, store } = createWorld()
    const claim = of(budget({ limit: 1_000 }))
    const admitted = () =>
      Array.from({ length: 1_500 }, () => store.take('p', [claim]).isAdmitted).filter(Boolean).length
    expect(admitted()).toBe(1_000)
    clock.nowMs += 59_999
    expect(admitted()).toBe(0)
    clock.nowMs += 1
    expect(admitted()).toBe(1_000)
  })

  it('says what is left, when all is, and how long to wait', () => {
    const { clock, store } = createWorld()
    const claim = of(budget({ limit: 2 }))
    expect(store.take('p', [claim]).standings).toEqual([
      { remaining: 1, resetMs: 60_000, waitMs: 0, used: 1 },
    ])
    clock.nowMs += 20_000
    expect(store.take('p', [claim]).standings).toEqual([
      { remaining: 0, resetMs: 60_000, waitMs: 0, used: 2 },
    ])
    clock.nowMs += 10_000
    const refused = store.take('p', [claim])
    expect(refused.isAdmitted).toBe(false)
    expect(refused.standings).toEqual([{ remaining: 0, resetMs: 50_000, waitMs: 30_000, used: 2 }])
    clock.nowMs += 30_000
    expect(store.take('p', [claim]).isAdmitted).toBe(true)
  })

  it('never admits more than the limit in any window, and wastes no more than a twentieth of one', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = createRandom(seed)
      const { clock, store } = createWorld()
      const limit = 1 + below(random, 30)
      const windowMs = pick(random, [10, 1_000, 60_000, 86_400_000])
      const claim = of(budget({ limit, windowMs }))
      const admittedAt: number[] = []
      const within = (spanMs: number) => admittedAt.filter((atMs) => atMs > clock.nowMs - spanMs).length
      for (let step = 0; step < 1_000; step += 1) {
        if (below(random, 3) === 0) clock.nowMs += below(random, Math.ceil(windowMs / 7))
        const { isAdmitted, standings } = store.take('p', [claim])
        if (isAdmitted) admittedAt.push(clock.nowMs)
        const isFair = isAdmitted || within(windowMs * 1.05 + 1) >= limit
        const isTold = (standings[0]?.remaining ?? 0) <= limit - within(windowMs)
        if (within(windowMs) > limit || !isFair || !isTold) throw new Error(`seed ${seed}, step ${step}`)
      }
      expect(admittedAt.length).toBeGreaterThan(limit)
    }
  })

  it('goes on when the clock is set back, and is not stopped by it', () => {
    const { clock, store } = createWorld()
    const claim = of(budget({ limit: 2 }))
    store.take('p', [claim])
    clock.nowMs -= 5_000
    expect(store.take('p', [claim]).standings[0]?.remaining).toBe(0)
    expect(store.take('p', [claim]).isAdmitted).toBe(false)
    clock.nowMs -= 3_600_000
    expect(store.take('p', [claim]).isAdmitted).toBe(true)
  })

  it('takes back into its own time only', () => {
    const { clock, store } = createWorld()
    const limit = budget({ limit: 10 })
    const first = store.take('p', [of(limit, 'ann', 6)])
    clock.nowMs += 30_000
    store.take('p', [of(limit, 'ann', 4)])
    store.giveBack(first, 0, 5)
    expect(store.take('p', [of(limit, 'ann', 0)]).standings[0]?.remaining).toBe(5)
    clock.nowMs += 30_000
    // The first six are out of the window; what is given back of them now is nobody's.
    store.giveBack(first, 0, 6)
    expect(store.take('p', [of(limit, 'ann', 0)]).standings[0]?.remaining).toBe(6)
  })
})

describe('a token bucket', () => {
  const bucket = (facts: Partial<Budget> = {}) =>
    budget({ algorithm: 'tokenBucket', limit: 60, burst: 10, ...facts })

  it('admits its burst at once and its rate after that', () => {
    const { clock, store } = createWorld()
    const claim = of(bucket())
    const admitted = () =>
      Array.from({ length: 30 }, () => store.take('p', [claim]).isAdmitted).filter(Boolean).length
    expect(admitted()).toBe(10)
    clock.nowMs += 999
    expect(admitted()).toBe(0)
    clock.nowMs += 1
    expect(admitted()).toBe(1)
    clock.nowMs += 5_000
    expect(admitted()).toBe(5)
    clock.nowMs += 3_600_000
    expect(admitted()).toBe(10)
  })

  it('says what is left, when it is full, and how long to wait', () => {
    const { store } = createWorld()
    expect(store.take('p', [of(bucket(), 'ann', 9)]).standings).toEqual([
      { remaining: 1, resetMs: 9_000, waitMs: 0, used: 9 },
    ])
    expect(store.take('p', [of(bucket(), 'ann', 4)])).toMatchObject({
      isAdmitted: false,
      standings: [{ remaining: 1, resetMs: 9_000, waitMs: 3_000 }],
    })
  })

  it('never admits more than its burst and what was refilled, whatever is given back', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = createRandom(seed)
      const { clock, store } = createWorld()
      const limit = bucket({ limit: 1 + below(random, 500), burst: 1 + below(random, 200) })
      const ratePerMs = limit.limit / limit.windowMs
      const kept: { atMs: number; points: number }[] = []
      for (let step = 0; step < 500; step += 1) {
        if (below(random, 2) === 0) clock.nowMs += below(random, 4_000)
        const points = 1 + below(random, limit.burst)
        const verdict = store.take('p', [of(limit, 'ann', points)])
        if (!verdict.isAdmitted) continue
        const atMs = clock.nowMs
        // The work takes its time before it is known what it needed.
        clock.nowMs += below(random, 300)
        const unused = below(random, points + 1)
        store.giveBack(verdict, 0, unused)
        kept.push({ atMs, points: points - unused })
      }
      // Over every span that begins and ends with something admitted.
      for (let from = 0; from < kept.length; from += 1) {
        let spent = 0
        for (let to = from; to < kept.length; to += 1) {
          const [first, last] = [kept[from], kept[to]]
          spent += last?.points ?? 0
          const refilled = ((last?.atMs ?? 0) - (first?.atMs ?? 0)) * ratePerMs
          if (spent > limit.burst + refilled + 1e-6) {
            throw new Error(`seed ${seed}: ${spent} of ${limit.burst} + ${refilled}`)
          }
        }
      }
      expect(kept.length).toBeGreaterThan(5)
    }
  })

  it('gives the unused part of a claim back', () => {
    const { store } = createWorld()
    const verdict = store.take('p', [of(bucket(), 'ann', 10)])
    store.giveBack(verdict, 0, 7)
    expect(store.take('p', [of(bucket(), 'ann', 7)]).isAdmitted).toBe(true)
    expect(store.take('p', [of(bucket(), 'ann', 1)]).isAdmitted).toBe(false)
  })
})

describe('a token bucket that holds less than was taken from it', () => {
  const bucket = (facts: Partial<Budget> = {}) =>
    budget({ algorithm: 'tokenBucket', limit: 60, burst: 100, ...facts })

  it('owes what was taken', () => {
    const { store } = createWorld()
    store.take('p', [of(bucket(), 'ann', 90)])
    expect(store.take('p', [of(bucket({ burst: 10 }))]).standings[0]).toMatchObject({
      remaining: 0,
      waitMs: 81_000,
    })
  })

  it('is empty and owes nothing where debt is forgiven', () => {
    const { clock, store } = createWorld()
    store.take('p', [of(bucket(), 'ann', 90)])
    const smaller = bucket({ burst: 10, forgivesDebt: true })
    expect(store.take('p', [of(smaller)]).standings[0]).toMatchObject({ remaining: 0, waitMs: 1_000 })
    clock.nowMs += 3_000
    expect(store.take('p', [of(smaller)]).standings[0]).toMatchObject({ remaining: 2, used: 8 })
  })
})

describe('limits that apply together', () => {
  it('are charged all or not at all', () => {
    const { store } = createWorld()
    const user = of(budget({ name: 'user', limit: 5 }), 'u-1')
    const tenant = of(budget({ name: 'tenant', limit: 2 }), 'acme')
    expect(store.take('acme', [user, tenant]).isAdmitted).toBe(true)
    expect(store.take('acme', [user, tenant]).isAdmitted).toBe(true)
    for (let again = 0; again < 9; again += 1) {
      const refused = store.take('acme', [user, tenant])
      expect(refused.isAdmitted).toBe(false)
      expect(refused.standings.map((standing) => standing?.remaining)).toEqual([3, 0])
      expect(refused.standings.map((standing) => (standing?.waitMs ?? 0) > 0)).toEqual([false, true])
    }
    expect(store.take('acme', [user]).standings[0]?.remaining).toBe(2)
  })

  it('keep partitions, names, windows and subjects apart, and go on over a change of limit or refill', () => {
    const { store } = createWorld()
    const left = (partition: string, claim: Claim) => store.take(partition, [claim]).standings[0]?.remaining
    expect(left('acme', of(budget()))).toBe(9)
    expect(left('globex', of(budget()))).toBe(9)
    expect(left('acme', of(budget(), 'ben'))).toBe(9)
    expect(left('acme', of(budget({ name: 'other' })))).toBe(9)
    expect(left('acme', of(budget({ windowMs: 30_000 })))).toBe(9)
    expect(left('acme', of(budget({ algorithm: 'tokenBucket' })))).toBe(9)
    expect(left('acme', of(budget({ algorithm: 'tokenBucket', windowMs: 30_000 })))).toBe(8)
    expect(left('acme', of(budget({ limit: 5 })))).toBe(3)
    expect(left('acme', of(budget({ limit: 20 })))).toBe(17)
  })
})

describe('the local store', () => {
  it('keeps its part of a limit where others count too', () => {
    const { store } = createWorld({ instances: 4 })
    const admitted = (claim: Claim) =>
      Array.from({ length: 50 }, () => store.take('p', [claim]).isAdmitted).filter(Boolean).length
    expect(admitted(of(budget({ limit: 10 })))).toBe(3)
    expect(admitted(of(budget({ limit: 1, name: 'small' })))).toBe(1)
    expect(admitted(of(budget({ algorithm: 'tokenBucket', burst: 40 })))).toBe(10)
  })

  it('has bounded memory under a flood of keys, and keeps the counts that are in use', () => {
    const { store } = createWorld({ bytes: 1024 * 1024 })
    const limit = budget({ limit: 3 })
    const busy = of(limit, 'busy')
    for (let call = 0; call < 3; call += 1) store.take('p', [busy])
    let largest = 0
    for (let key = 0; key < 200_000; key += 1) {
      store.take('p', [of(limit, `flood-${key}`)])
      if (key % 100 === 0) expect(store.take('p', [busy]).isAdmitted).toBe(false)
      largest = Math.max(largest, store.size())
    }
    expect(largest).toBeLessThan(5_000)
  })
})
