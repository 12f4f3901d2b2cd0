import { NO_STORE, type CachePolicy } from '../kernel/decisions.js'

/**
 * Reads a subgraph's Cache-Control (RFC 9111 §5.2.2) as a cache policy; undefined without one.
 *
 * The gateway is a shared cache: `s-maxage` goes before `max-age`. A header without either, or one that cannot
 * be read, allows nothing.
 */
export function readCacheControl(header: string | undefined): CachePolicy | undefined {
  if (header === undefined || header.trim() === '') return undefined
  const directives = parseDirectives(header)
  if (directives.has('no-store') || directives.has('no-cache')) return NO_STORE
  const seconds = toSeconds(directives.get('s-maxage') ?? directives.get('max-age'))
  return { maxAgeSeconds: seconds, scope: directives.has('private') ? 'PRIVATE' : 'PUBLIC' }
}

function parseDirectives(header: string): Map<string, string> {
  const directives = new Map<string, string>()
  for (const part of header.split(',')) {
    const [name = '', value = ''] = part.split('=', 2)
    const key = name.trim().toLowerCase()
    // RFC 9111 §4.2.1: of two values the first or the stricter; the first is kept.
    if (key !== '' && !directives.has(key)) directives.set(key, value.trim().replace(/^"(.*)"$/, '$1'))
  }
  return directives
}

function toSeconds(text: string | undefined): number {
  // Larger than a year says no more than a year.
  return text !== undefined && /^\d{1,12}$/.test(text) ? Math.min(Number(text), 31_536_000) : 0
}
