const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Reads `60`, `"60s"`, `"1m"`, `"2h"` or `"1d"` as seconds; undefined for anything else and for no time at all. */
export function parseWindow(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 1 ? value : undefined
  if (typeof value !== 'string') return undefined
  const [, amount, unit = 's'] = /^(\d{1,9})\s*([smhd])?$/.exec(value.trim()) ?? []
  const seconds = Number(amount) * (SECONDS[unit] ?? 0)
  return seconds >= 1 ? seconds : undefined
}
