import type { Clock } from '../kernel/ports/clock.js'
import { monthOf, toDay } from '../kernel/usage.js'

const DAY_MS = 86_400_000

/** A day in UTC, whose length leap seconds do not change for any clock of ours. */
export interface CalendarDay {
  /** Days since the epoch. */
  readonly number: number
  /** `2026-11-27` */
  readonly name: string
  /** `2026-11` */
  readonly month: string
  /** The first moment of the next month, in milliseconds since the epoch. */
  readonly monthEndsAtMs: number
}

/**
 * Says what day it is, in UTC, wherever the clock goes.
 *
 * Worked out once a day: a request pays a division. A clock that is set back over midnight makes it yesterday
 * again; what was counted stays with the day that it was.
 */
export function createToday(clock: Clock): () => CalendarDay {
  let today = toCalendarDay(clock.now())
  return () => {
    const now = clock.now()
    if (Math.floor(now / DAY_MS) !== today.number) today = toCalendarDay(now)
    return today
  }
}

function toCalendarDay(milliseconds: number): CalendarDay {
  const name = toDay(milliseconds)
  const [year = 0, month = 0] = name.split('-').map(Number)
  return {
    number: Math.floor(milliseconds / DAY_MS),
    name,
    month: monthOf(name),
    // Months count from zero there, so that this is the one after.
    monthEndsAtMs: Date.UTC(year, month, 1),
  }
}

/** The day so many days before another one. */
export function daysBefore(day: CalendarDay, days: number): string {
  return toDay((day.number - days) * DAY_MS)
}

/** Reads a day, or the first day of a month: `2026-11-27`, `2026-11`; undefined where it is neither. */
export function toFirstDay(text: string): string | undefined {
  return /^\d{4}-\d{2}$/.test(text) ? toRealDay(`${text}-01`) : toRealDay(text)
}

/** Reads a day, or the last day of a month. */
export function toLastDay(text: string): string | undefined {
  if (!/^\d{4}-\d{2}$/.test(text)) return toRealDay(text)
  const first = toRealDay(`${text}-01`)
  return first && toDay(toCalendarDay(Date.parse(first)).monthEndsAtMs - DAY_MS)
}

/**
 * Not the 31st of November, which `Date` would take for the first of December.
 *
 * Nor a year below 1000: there is no year 0 in a database, and `Date` takes 99 for 1999.
 */
function toRealDay(text: string): string | undefined {
  if (!/^[1-9]\d{3}-\d{2}-\d{2}$/.test(text)) return undefined
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) || toDay(milliseconds) !== text ? undefined : text
}
