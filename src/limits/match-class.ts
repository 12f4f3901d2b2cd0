import type { FrontEnd, Identified } from '../kernel/contexts.js'
import type { OperationRecord } from '../kernel/operation.js'
import type { MatchOptions } from './options.js'
import { tierOf } from './caller-tier.js'

/** Says whether a request fits, as far as one request differs from another of its route. */
export type FitsRequest = (context: Identified, operation: OperationRecord['type'] | undefined) => boolean

/** Everything that a class asks of one front end and route, decided when the class is made. */
export function matchesRoute(match: MatchOptions, frontEnd: FrontEnd, route: string | undefined): boolean {
  if (!isAmong(match.frontEnds, frontEnd)) return false
  return (
    match.routes.length === 0 || (route !== undefined && match.routes.some((each) => isRoute(each, route)))
  )
}

/** Makes the test of the rest; undefined where nothing is left to be tested. */
export function toFitsRequest(match: MatchOptions): FitsRequest | undefined {
  const { endpoints, operations, clients, plans, principals } = match
  const asked = [endpoints, operations, clients, plans, principals].some((each) => each.length > 0)
  if (!asked) return undefined
  return ({ principal, client, stored }, operation) =>
    isAmong(principals, principal.kind) &&
    isAmong(plans, tierOf(principal)) &&
    isAmong(clients, client.name) &&
    isAmong(endpoints, stored?.name) &&
    isAmong(operations, operation)
}

function isRoute(pattern: string, route: string): boolean {
  return pattern.endsWith('*') ? route.startsWith(pattern.slice(0, -1)) : pattern === route
}

/** An empty list admits anything. */
function isAmong<T>(list: readonly T[], value: T | undefined): boolean {
  return list.length === 0 || (value !== undefined && list.includes(value))
}
