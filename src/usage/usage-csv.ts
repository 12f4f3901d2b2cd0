import { USAGE_MEASURES } from '../kernel/usage.js'
import type { UsageLine } from './usage-reports.js'

const COLUMNS = ['period', 'tenant', 'caller', 'operation', ...USAGE_MEASURES] as const

/**
 * Where a spreadsheet would see a formula (OWASP, CSV injection): at the beginning of a cell, in full width, too.
 *
 * A cell begins behind each separator, for spreadsheets of many languages read no comma but the semicolon as one, and
 * then our quotes stand in the middle of a cell and hold nothing together.
 */
const BEFORE_FORMULA = /^(?=[\t\r\n])|(?<=^|[,;\t\r\n])(?=[=+\-@＝＋－＠])/g
const NEEDS_QUOTES = /[",\r\n]/

/**
 * Writes lines as CSV of RFC 4180, with a head.
 *
 * Tenants and callers name themselves: a text that a spreadsheet would run as a formula gets an apostrophe before it.
 */
export function writeUsageCsv(lines: readonly UsageLine[]): string {
  const records = lines.map((line) => COLUMNS.map((column) => toField(line[column])))
  return [COLUMNS, ...records].map((record) => `${record.join(',')}\r\n`).join('')
}

function toField(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = value.replaceAll(BEFORE_FORMULA, "'")
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
