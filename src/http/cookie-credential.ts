import type { IncomingHttpHeaders } from 'node:http'
import type { CookieCredential } from '../kernel/contexts.js'
import { essenceOf } from './content-type.js'
import { isForcingPreflight } from './csrf.js'

/** The cookie in which a caller's token may come. */
export interface TokenCookie {
  readonly name: string
  /** Origins whose pages may use it beside the gateway's own. */
  readonly origins: readonly string[]
}

/** Reads the cookie credential of a request, where it has one. */
export type ReadCookie = (method: string, headers: IncomingHttpHeaders) => CookieCredential | undefined

/**
 * Makes the reader of the token cookie.
 *
 * A cookie says who sits before the browser, not which page asks. So the request must show that as well, in a way that
 * a page of another site cannot: a header that needs a preflight, or the browser's own word (Fetch Metadata, Origin)
 * together with a type that no form can send. The identify stage refuses a cookie without such a sign, for queries and
 * GETs as well: their timing tells a foreign page something.
 */
export function createReadCookie(cookie: TokenCookie, preflightHeaders: readonly string[]): ReadCookie {
  const origins = new Set(cookie.origins)
  return (method, headers) => {
    const values = valuesOf(headers.cookie, cookie.name)
    if (values.length === 0) return undefined
    return { values, isFromOwnPage: isFromOwnPage(method, headers, { origins, preflightHeaders }) }
  }
}

interface OwnPages {
  readonly origins: ReadonlySet<string>
  readonly preflightHeaders: readonly string[]
}

function isFromOwnPage(method: string, headers: IncomingHttpHeaders, own: OwnPages): boolean {
  const { origin, host } = headers
  const site = headers['sec-fetch-site']
  const isListed = origin !== undefined && own.origins.has(origin)
  const isOwn = origin !== undefined && isOwnOrigin(origin, host)
  // What the browser says of a foreign page goes before anything that the page itself could add.
  if (origin !== undefined && !isListed && !isOwn) return false
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isListed) return false
  if (isForcingPreflight(headers, own.preflightHeaders)) return true
  const isOwnWord = isListed || site === 'same-origin' || (site === undefined && isOwn)
  if (!isOwnWord) return false
  return (
    method === 'GET' || method === 'HEAD' || essenceOf(headers['content-type'] ?? '') === 'application/json'
  )
}

/** All cookies of a name, as they came (RFC 6265 §5.4); several are two answers to one question. */
function valuesOf(header: string | undefined, name: string): readonly string[] {
  if (header?.includes(name) !== true) return []
  return header.split(';').flatMap((pair) => {
    const end = pair.indexOf('=')
    return end !== -1 && pair.slice(0, end).trim() === name ? [pair.slice(end + 1).trim()] : []
  })
}

/** Whether a page comes from the very host and port that its request goes to. */
export function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && hostOf(origin) === host.toLowerCase()
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/?#@]+)$/i.exec(origin)?.[1]?.toLowerCase()
}
