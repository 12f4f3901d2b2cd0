import { GatewayError } from '../kernel/gateway-error.js'
import type { Route, RouteResponse } from '../kernel/route.js'
import { toFirstDay, toLastDay } from './calendar.js'
import { writeUsageCsv } from './usage-csv.js'
import type { ReportQuestion, UsageLine, UsageReports } from './usage-reports.js'

const PARAMETERS = new Set(['tenant', 'from', 'to', 'by', 'format'])

/**
 * Makes the route on which operators export usage, as JSON or CSV.
 *
 * `beforeReading` writes what this instance has counted up to now; that of others is at most one flush behind.
 */
export function createUsageRoute(
  reports: Pick<UsageReports, 'lines'>,
  beforeReading: () => Promise<unknown>,
): Route {
  return {
    method: 'GET',
    path: '/usage',
    handle: async ({ query }) => {
      const question = readQuestion(query)
      const format = oneOf(query, 'format', ['json', 'csv'])
      await beforeReading()
      const lines = await reports.lines(question).catch((cause: unknown) => {
        throw new GatewayError('USAGE_UNAVAILABLE', 'The store of usage does not answer.', {
          cause,
          headers: { 'retry-after': '5' },
        })
      })
      return format === 'csv' ? csv(lines) : json(lines)
    },
  }
}

function readQuestion(query: URLSearchParams): ReportQuestion {
  for (const name of new Set(query.keys())) {
    if (!PARAMETERS.has(name)) throw new GatewayError('BAD_REQUEST', `There is no parameter "${name}".`)
    if (query.getAll(name).length > 1) throw new GatewayError('BAD_REQUEST', `"${name}" is there twice.`)
  }
  const from = readDay(query, 'from', toFirstDay)
  const to = readDay(query, 'to', toLastDay)
  if (from !== undefined && to !== undefined && to < from)
    throw new GatewayError('BAD_REQUEST', '"to" is before "from".')
  return { tenant: query.get('tenant') ?? undefined, from, to, by: oneOf(query, 'by', ['day', 'month']) }
}

function readDay(
  query: URLSearchParams,
  name: string,
  read: (text: string) => string | undefined,
): string | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const day = read(text)
  if (day === undefined)
    throw new GatewayError('BAD_REQUEST', `"${name}" must be a day such as 2026-11-27, or a month.`)
  return day
}

/** The first one where nothing is said. */
function oneOf<Choice extends string>(
  query: URLSearchParams,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const text = query.get(name) ?? choices[0]
  const chosen = choices.find((choice) => choice === text)
  if (chosen === undefined)
    throw new GatewayError('BAD_REQUEST', `"${name}" must be one of ${choices.join(', ')}.`)
  return chosen
}

function json(lines: readonly UsageLine[]): RouteResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(lines),
  }
}

function csv(lines: readonly UsageLine[]): RouteResponse {
  return {
    status: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="usage.csv"',
    },
    body: writeUsageCsv(lines),
  }
}
