import { describe, expect, it } from '@jest/globals'
import { createToday, daysBefore, toFirstDay, toLastDay } from '../../../src/usage/calendar.js'
import { usageOptions } from '../../../src/usage/options.js'
import { clockAt } from './moved-clock.js'

describe('days that somebody asks for', () => {
  it.each([
    ['2026-11-27', '2026-11-27', '2026-11-27'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['2026-12', '2026-12-01', '2026-12-31'],
    ['9999-12', '9999-12-01', '9999-12-31'],
  ])('%s begin and end', (text, first, last) => {
    expect([toFirstDay(text), toLastDay(text)]).toEqual([first, last])
  })

  // There is no year 0, and databases say so; a year below 100 is one of the last century to `Date`.
  it.each(['2026-02-30', '2026-13', '2026-1-1', '26-01-01', '', '0000-01-01', '0099-12'])(
    '%j are none',
    (text) => {
      expect([toFirstDay(text), toLastDay(text)]).toEqual([undefined, undefined])
    },
  )
})

describe('days before today', () => {
  it('are days of the calendar, for as long as usage may be kept', () => {
    const today = createToday(clockAt('2026-11-27T12:00:00Z'))()
    expect(daysBefore(today, 400)).toBe('2025-10-23')
    expect(usageOptions.safeParse({ retentionDays: 1_000_000 }).success).toBe(false)
    const { retentionDays } = usageOptions.parse({ retentionDays: 36_525 })
    expect(daysBefore(today, retentionDays)).toBe('1926-11-27')
  })
})
