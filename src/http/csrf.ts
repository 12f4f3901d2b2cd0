import type { IncomingHttpHeaders } from 'node:http'
import { GatewayError } from '../kernel/gateway-error.js'
import { essenceOf } from './content-type.js'
import type { HttpOptions } from './options.js'

/** The types that a page may send to another origin without a preflight (Fetch standard §2.2.2). */
const SIMPLE_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])

/**
 * Refuses what a browser could send from a foreign page without asking first, as Apollo Server does.
 *
 * A request passes with a Content-Type that is not simple, or with one of the headers that force a preflight.
 * Needed for queries too: their timing tells a foreign page something (XS-search, GHSA-9q82-xgwf-vj6h).
 */
export function assertNotForged(headers: IncomingHttpHeaders, options: HttpOptions['csrf']): void {
  if (!options.enabled) return
  const contentType = headers['content-type']
  if (contentType !== undefined && !SIMPLE_TYPES.has(essenceOf(contentType))) return
  if (isForcingPreflight(headers, options.headers)) return
  throw new GatewayError(
    'CSRF_ERROR',
    `A browser could send this request without a preflight. Send it as application/json, or with a non-empty ${options.headers.join(' or ')} header.`,
  )
}

/** Whether a request has a header that no page can send to another origin without asking it first. */
export function isForcingPreflight(headers: IncomingHttpHeaders, names: readonly string[]): boolean {
  return names.some((name) => (headers[name.toLowerCase()] ?? '') !== '')
}
