import { createHash } from 'node:crypto'
import type { ForwardedHeaders } from '../../kernel/contexts.js'
import { GatewayError } from '../../kernel/gateway-error.js'
import { rulesOf, type HeadersOptions, type RuledOptions } from './options.js'
import { withoutCookie } from './without-cookie.js'

/** Request headers as Node gives them: lower-case names, those that were sent twice joined. */
export type ReceivedHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Picks what header rules read from the headers of a client; refuses what no header may carry on. */
export type PickClientHeaders = (headers: ReceivedHeaders) => ForwardedHeaders

/** What rules read of a client. */
export interface ReadNames {
  readonly names: readonly string[]
  readonly beginnings: readonly string[]
}

export interface PickParts {
  /** The cookie that holds the caller's token, which never goes upstream. */
  readonly withheldCookie?: string | undefined
}

/** What a pattern may match: a name that every server reads in one way. */
const PLAIN_NAME = /^[a-z0-9-]{1,128}$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Makes the one look at a client's headers that all header rules share, or nothing where no rule is written.
 *
 * Done when a request comes in, because what is picked decides also which requests are equal: for the response cache
 * and for what is shared in flight.
 */
export function createPickClientHeaders(
  options: RuledOptions,
  { withheldCookie }: PickParts = {},
): PickClientHeaders | undefined {
  if (!hasRequestRules(options)) return undefined
  const read = readNames(options)
  // Answers that were made under other rules are other answers.
  const rules = createHash('sha256')
    .update(JSON.stringify([options.headers, ownRules(options)]))
    .digest('hex')

  return (headers) => {
    const values = new Map<string, string>()
    for (const name of sentNames(headers, read)) {
      const value = toText(headers[name])
      const kept =
        name === 'cookie' && withheldCookie !== undefined ? withoutCookie(value, withheldCookie) : value
      if (kept !== undefined) values.set(name, kept)
    }
    assertFit(values, options.headers)
    return { values, key: JSON.stringify([rules, ...values]) }
  }
}

/** The client headers that rules name, and the beginnings of those that patterns match; in lower case. */
export function readNames(options: RuledOptions): ReadNames {
  const places = [options.headers.all, ...Object.values(options.subgraphs).map(({ headers }) => headers)]
  const read = places.flatMap((place) => place?.request ?? []).flatMap(({ propagate }) => propagate ?? [])
  const lower = [...new Set(read.map((name) => name.toLowerCase()))].sort()
  return {
    names: lower.filter((name) => !name.endsWith('*')),
    beginnings: lower.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1)),
  }
}

export function hasRequestRules(options: RuledOptions): boolean {
  return [options.headers.all, ...Object.keys(options.subgraphs).map((name) => rulesOf(options, name))].some(
    ({ request }) => request.length > 0,
  )
}

/** In one order, whatever the client's was. */
function sentNames(headers: ReceivedHeaders, { names, beginnings }: ReadNames): readonly string[] {
  const hop = namedByConnection(headers)
  const sent = names.filter((name) => headers[name] !== undefined)
  if (beginnings.length > 0) {
    for (const name in headers) {
      if (names.includes(name) || !PLAIN_NAME.test(name)) continue
      if (beginnings.some((beginning) => name.startsWith(beginning))) sent.push(name)
    }
    sent.sort()
  }
  return hop === undefined ? sent : sent.filter((name) => !hop.has(name))
}

/** What a client says belongs to its connection is not carried further (RFC 9110 §7.6.1). */
function namedByConnection(headers: ReceivedHeaders): ReadonlySet<string> | undefined {
  const connection = toText(headers['connection'])?.toLowerCase()
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined
  return new Set(connection.split(',').map((name) => name.trim()))
}

function toText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(', ')
}

function assertFit(values: ReadonlyMap<string, string>, limits: HeadersOptions): void {
  let bytes = 0
  for (const [name, value] of values) {
    if (!VALUE.test(value))
      throw new GatewayError('BAD_REQUEST', `The header ${name} holds what no header may.`)
    if (value.length > limits.maxValueBytes) {
      throw new GatewayError(
        'HEADERS_TOO_LARGE',
        `The header ${name} is longer than ${limits.maxValueBytes} bytes.`,
      )
    }
    bytes += name.length + value.length
  }
  if (bytes <= limits.maxTotalBytes) return
  throw new GatewayError(
    'HEADERS_TOO_LARGE',
    `The headers for subgraphs are longer than ${limits.maxTotalBytes} bytes together.`,
  )
}

function ownRules({ subgraphs }: RuledOptions): readonly unknown[] {
  return Object.entries(subgraphs).map(([name, { headers }]) => [name, headers])
}
