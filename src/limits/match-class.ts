import type { FrontEnd, Identified } from '../kernel/contexts.js'
import type { OperationRecord } from '../kernel/operation.js'
import type { MatchOptions } from './options.js'
import { tierOf } from './caller-tier.js'

/** Says whether a request fits, as far as one request differs from another of its route. */
export type FitsRequest = (context: Identified, operation: OperationRecord['type'] | undefined) => boolean

/** Says whether a request names a trusted document by its id, before anything of it is parsed. */
export type NamesTrusted = (context: Identified) => boolean

/** Everything that a class asks of one front end and route, decided when the class is made. */
export function matchesRoute(match: MatchOptions, frontEnd: FrontEnd, route: string | undefined): boolean {
  if (!isAmong(match.frontEnds, frontEnd)) return false
  return (
    match.routes.length === 0 || (route !== undefined && match.routes.some((each) => isRoute(each, route)))
  )
}

/** Makes the test of the rest; undefined where nothing is left to be tested. */
export function toFitsRequest(match: MatchOptions, namesTrusted: NamesTrusted): FitsRequest | undefined {
  const { endpoints, operations, clients, plans, principals, documents } = match
  const asked = [endpoints, operations, clients, plans, principals, documents].some((each) => each.length > 0)
  if (!asked) return undefined
  const fitsDocument = (context: Identified): boolean =>
    documents.length === 0 || documents.includes(documentKindOf(context, namesTrusted))
  return (context, operation) =>
    isAmong(principals, context.principal.kind) &&
    isAmong(plans, tierOf(context.principal)) &&
    isAmong(clients, context.client.name) &&
    isAmong(endpoints, context.stored?.name) &&
    isAmong(operations, operation) &&
    fitsDocument(context)
}

function documentKindOf(context: Identified, namesTrusted: NamesTrusted): MatchOptions['documents'][number] {
  if (context.stored !== undefined) return 'stored'
  return namesTrusted(context) ? 'trusted' : 'text'
}

/** A pattern is a route as it is declared, or how routes begin. */
export function isRoute(pattern: string, route: string): boolean {
  return pattern.endsWith('*') ? route.startsWith(pattern.slice(0, -1)) : pattern === route
}

/** An empty list admits anything. */
function isAmong<T>(list: readonly T[], value: T | undefined): boolean {
  return list.length === 0 || (value !== undefined && list.includes(value))
}
