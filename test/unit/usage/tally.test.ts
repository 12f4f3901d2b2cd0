import { describe, expect, it } from '@jest/globals'
import { createToday, toFirstDay, toLastDay } from '../../../src/usage/calendar.js'
import { Tally } from '../../../src/usage/tally.js'
import { clockAt } from './moved-clock.js'

const BOUNDS = { maxOperations: 3, maxRows: 1_000 }

function createTally(bounds: Partial<typeof BOUNDS> = {}, clock = clockAt('2026-11-27T12:00:00Z')) {
  return { clock, tally: new Tally(createToday(clock), { ...BOUNDS, ...bounds }) }
}

/** Rows as `day tenant caller operation requests`. */
function takeAll(tally: Tally, maxRows = Infinity): readonly string[] {
  return tally
    .take(maxRows)
    .map(({ day, tenant, caller, operation, requests }) =>
      [day, tenant, caller, operation, requests].join(' '),
    )
}

const count = (tally: Tally, tenant: string, caller: string, operation: string) =>
  tally.accountOf(tenant, caller, operation).add('requests', 1)

describe('the tally', () => {
  it('adds up under each key, and gives each count away once', () => {
    const { tally } = createTally()
    for (const operation of ['A', 'B', 'A']) count(tally, 'acme', 'user', operation)
    count(tally, 'acme', 'anonymous', 'A')
    expect(tally.waiting).toBe(3)
    expect(takeAll(tally)).toEqual([
      '2026-11-27 acme anonymous A 1',
      '2026-11-27 acme user A 2',
      '2026-11-27 acme user B 1',
    ])
    expect(takeAll(tally)).toEqual([])
    count(tally, 'acme', 'user', 'A')
    expect(takeAll(tally)).toEqual(['2026-11-27 acme user A 1'])
  })

  it('gives away so many rows at a time, and none of them twice', () => {
    const { tally } = createTally({ maxOperations: 100 })
    for (let number = 10; number < 35; number += 1) count(tally, 'acme', 'user', `Op${String(number)}`)
    const taken = [takeAll(tally, 10), takeAll(tally, 10), takeAll(tally, 10), takeAll(tally, 10)]
    expect(taken.map((rows) => rows.length)).toEqual([10, 10, 5, 0])
    expect(new Set(taken.flat()).size).toBe(25)
  })

  it('keeps so many names apart for one caller, and does not let him push out those of another', () => {
    const { tally } = createTally()
    for (let number = 0; number < 10_000; number += 1) count(tally, 'acme', 'anonymous', `N${String(number)}`)
    for (const operation of ['A', 'B', 'C', 'N0']) count(tally, 'acme', 'key:1', operation)
    expect(takeAll(tally)).toEqual([
      '2026-11-27 acme anonymous (other) 9997',
      '2026-11-27 acme anonymous N0 1',
      '2026-11-27 acme anonymous N1 1',
      '2026-11-27 acme anonymous N2 1',
      '2026-11-27 acme key:1 (other) 1',
      '2026-11-27 acme key:1 A 1',
      '2026-11-27 acme key:1 B 1',
      '2026-11-27 acme key:1 C 1',
    ])
  })

  it('counts names that are too long as others', () => {
    const { tally } = createTally()
    count(tally, 'acme', 'user', 'x'.repeat(128))
    count(tally, 'acme', 'user', 'x'.repeat(129))
    expect(takeAll(tally)).toEqual([
      '2026-11-27 acme user (other) 1',
      `2026-11-27 acme user ${'x'.repeat(128)} 1`,
    ])
  })

  it('holds no more than its bound when everybody is new, and counts everything all the same', () => {
    const { tally } = createTally({ maxRows: 5 })
    for (let number = 0; number < 1_000; number += 1) count(tally, `t${String(number)}`, 'user', 'A')
    count(tally, 't0', 'user', 'B')
    count(tally, 't0', 'key:1', 'B')
    expect(takeAll(tally)).toEqual([
      '2026-11-27 (other) (other) (other) 995',
      '2026-11-27 t0 (other) (other) 1',
      '2026-11-27 t0 user (other) 1',
      ...[0, 1, 2, 3, 4].map((number) => `2026-11-27 t${String(number)} user A 1`),
    ])
  })

  it('begins a new day at midnight in UTC, with room for new names', () => {
    const { tally, clock } = createTally({}, clockAt('2026-11-30T23:59:59.999Z'))
    for (const operation of ['A', 'B', 'C', 'D']) count(tally, 'acme', 'user', operation)
    clock.moveTo('2026-12-01T00:00:00Z')
    count(tally, 'acme', 'user', 'D')
    expect(takeAll(tally)).toEqual([
      '2026-11-30 acme user (other) 1',
      '2026-11-30 acme user A 1',
      '2026-11-30 acme user B 1',
      '2026-11-30 acme user C 1',
      '2026-12-01 acme user D 1',
    ])
  })

  it('follows a clock that is set back over midnight, and loses nothing', () => {
    const { tally, clock } = createTally({}, clockAt('2026-12-01T00:00:10Z'))
    count(tally, 'acme', 'user', 'A')
    clock.moveTo('2026-11-30T23:59:50Z')
    count(tally, 'acme', 'user', 'A')
    const account = tally.accountOf('acme', 'user', 'A')
    clock.moveTo('2026-12-01T00:00:00Z')
    count(tally, 'acme', 'user', 'A')
    expect(takeAll(tally)).toEqual(['2026-11-30 acme user A 1', '2026-12-01 acme user A 2'])
    // Of yesterday, which nobody else remembers any more; and made anew beside it.
    account.add('requests', 1)
    clock.moveTo('2026-11-30T23:59:59Z')
    count(tally, 'acme', 'user', 'A')
    expect(takeAll(tally)).toEqual(['2026-11-30 acme user A 2'])
  })

  it('counts bytes that come after the rest was taken, for the day of the request', () => {
    const { tally, clock } = createTally()
    const account = tally.accountOf('acme', 'user', 'A')
    account.add('requests', 1)
    takeAll(tally)
    clock.moveTo('2026-11-28T00:00:00Z')
    account.addBytes(10, 20)
    expect(tally.take(Infinity)).toMatchObject([
      { day: '2026-11-27', requests: 0, receivedBytes: 10, sentBytes: 20 },
    ])
    account.addBytes(0, 0)
    expect(tally.waiting).toBe(0)
  })
})

describe('days and months', () => {
  it.each([
    ['2026-11-27', '2026-11-27', '2026-11-27'],
    ['2026-11', '2026-11-01', '2026-11-30'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['2026-12', '2026-12-01', '2026-12-31'],
    ['2024-02-29', '2024-02-29', '2024-02-29'],
  ])('%s is from %s to %s', (text, first, last) => {
    expect([toFirstDay(text), toLastDay(text)]).toEqual([first, last])
  })

  it.each([
    '',
    '2026',
    '2026-13',
    '2026-00',
    '2025-02-29',
    '2026-11-31',
    '27.11.2026',
    '2026-11-27T00:00',
    "' or 1",
  ])('%j is neither', (text) => {
    expect([toFirstDay(text), toLastDay(text)]).toEqual([undefined, undefined])
  })

  it('knows where the month ends', () => {
    const clock = clockAt('2026-12-31T23:59:59Z')
    const today = createToday(clock)
    expect(today()).toMatchObject({ name: '2026-12-31', month: '2026-12' })
    expect(new Date(today().monthEndsAtMs).toISOString()).toBe('2027-01-01T00:00:00.000Z')
  })
})
