import { SubgraphFault } from './subgraph-fault.js'

/** The parts of the head of an HTTP reply that are looked at. */
export interface ReplyHead {
  readonly status: number
  /** Lower case, without parameters; empty when there is none. */
  readonly mediaType: string
  /** Lower case; empty when the body is not encoded. */
  readonly contentEncoding: string
  /** Zero where the head does not say it. */
  readonly contentLength: number
  readonly cacheControl: string | undefined
  readonly setsCookie: boolean
}

const JSON_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/graphql-response+json'])

/** Statuses with which a proxy or a server in trouble asks for another attempt. */
const REPEATABLE_STATUSES: ReadonlySet<number> = new Set([502, 503])

/** Lengths of the names that are looked at: most headers are passed over without being decoded. */
const NAME_LENGTHS: ReadonlySet<number> = new Set(
  ['content-type', 'content-encoding', 'content-length', 'cache-control'].map(({ length }) => length),
)

/** Reads a head as undici gives it: name, value, name, value. */
export function readHead(status: number, raw: readonly Buffer[]): ReplyHead {
  let contentType: string | undefined
  let contentEncoding: string | undefined
  let contentLength: string | undefined
  let cacheControl: string | undefined
  let setsCookie = false
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]
    if (name !== undefined && isSetCookie(name)) setsCookie = true
    if (name === undefined || !NAME_LENGTHS.has(name.length)) continue
    const value = raw[index + 1]?.toString('latin1') ?? ''
    switch (name.toString('latin1').toLowerCase()) {
      case 'content-type':
        contentType = join(contentType, value)
        break
      case 'content-encoding':
        contentEncoding = join(contentEncoding, value)
        break
      case 'content-length':
        contentLength = value
        break
      case 'cache-control':
        cacheControl = join(cacheControl, value)
    }
  }
  return {
    status,
    mediaType: toMediaType(contentType ?? ''),
    contentEncoding: contentEncoding === undefined ? '' : toEncoding(contentEncoding),
    contentLength: contentLength === undefined ? 0 : Number(contentLength),
    cacheControl,
    setsCookie,
  }
}

/** Looks at the length and first letter before anything is decoded: `connection` is as long and nearly always there. */
function isSetCookie(name: Buffer): boolean {
  return (
    name.length === 10 &&
    ((name[0] ?? 0) | 0x20) === 0x73 &&
    name.toString('latin1').toLowerCase() === 'set-cookie'
  )
}

/**
 * Says what can be seen from the head to be wrong with a reply; the encoding is not looked at.
 *
 * Follows GraphQL over HTTP §6: a body of a JSON media type is a GraphQL reply whatever the status, as far as the
 * head can tell. Redirects are never followed.
 */
export function judgeHead(subgraph: string, { status, mediaType }: ReplyHead): SubgraphFault | undefined {
  if (isRedirect(status) || REPEATABLE_STATUSES.has(status)) return statusFault(subgraph, status)
  if (JSON_TYPES.has(mediaType)) return undefined
  return isSuccess(status) ? malformed(subgraph, 'not a JSON media type') : statusFault(subgraph, status)
}

/** The fault of a reply whose status says that the request failed. */
export function statusFault(subgraph: string, status: number): SubgraphFault {
  return new SubgraphFault('SUBREQUEST_HTTP_ERROR', subgraph, {
    reason: `status ${status}`,
    // 4xx judges our request, not the subgraph's health.
    blames: status < 400 || status >= 500,
    repeatable: REPEATABLE_STATUSES.has(status),
  })
}

/** The fault of a reply that is no answer. */
export function malformed(subgraph: string, reason: string, cause?: unknown): SubgraphFault {
  return new SubgraphFault('SUBREQUEST_MALFORMED_RESPONSE', subgraph, { reason, blames: true, cause })
}

export const isSuccess = (status: number): boolean => status >= 200 && status < 300
const isRedirect = (status: number): boolean => status >= 300 && status < 400

/** A header sent twice counts as one text with a comma, as RFC 9110 §5.3 reads it. */
function join(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`
}

function toMediaType(contentType: string): string {
  const end = contentType.indexOf(';')
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}

function toEncoding(contentEncoding: string): string {
  const encoding = contentEncoding.trim().toLowerCase()
  return encoding === 'identity' ? '' : encoding
}
