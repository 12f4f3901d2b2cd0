/** The media types in which a GraphQL answer can be written (GraphQL over HTTP §4). */
export type AnswerMediaType = 'application/json' | 'application/graphql-response+json'

const ANSWER_TYPES: readonly AnswerMediaType[] = ['application/json', 'application/graphql-response+json']

interface AcceptedRange {
  readonly type: string
  readonly subtype: string
  readonly quality: number
}

interface Preference {
  readonly quality: number
  /** 2 for a named type, 1 for `type/*`, 0 for everything. */
  readonly specificity: number
  readonly position: number
}

/** Few clients send few different headers; more than this many are read anew each time. */
const REMEMBERED_HEADERS = 200
const remembered = new Map<string, AnswerMediaType | undefined>()

/**
 * Chooses the media type of the answer, or `undefined` when none is acceptable.
 *
 * The higher quality wins, then the more specific range, then the one named first (RFC 9110 §12.5.1). Clients
 * that send no header, or take anything, get application/json: they may be older than the other type.
 */
export function negotiateAnswer(accept: string | undefined): AnswerMediaType | undefined {
  if (accept === undefined || accept === '' || accept === '*/*') return 'application/json'
  if (remembered.has(accept)) return remembered.get(accept)
  const chosen = chooseMediaType(accept, ANSWER_TYPES)
  if (remembered.size < REMEMBERED_HEADERS) remembered.set(accept, chosen)
  return chosen
}

/** Says whether a browser asks for a page rather than for data. */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept?.includes('text/html') !== true) return false
  return chooseMediaType(accept, [...ANSWER_TYPES, 'text/html']) === 'text/html'
}

/** The best of the offered types for an Accept header; ties go to the type offered first. */
export function chooseMediaType<T extends string>(accept: string, offered: readonly T[]): T | undefined {
  const ranges = accept.split(',').map(readRange)
  let best: { readonly type: T; readonly preference: Preference } | undefined
  for (const type of offered) {
    const preference = preferenceFor(type, ranges)
    if (preference === undefined || preference.quality === 0) continue
    if (best === undefined || isBetter(preference, best.preference)) best = { type, preference }
  }
  return best?.type
}

function readRange(text: string): AcceptedRange {
  const [range = '', ...parameters] = text.split(';')
  const [type = '', subtype = ''] = range.trim().toLowerCase().split('/')
  const quality = parameters
    .map((parameter) => /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(parameter)?.[1])
    .find((value) => value !== undefined)
  return { type, subtype, quality: quality === undefined ? 1 : Number(quality) || 0 }
}

/** What the most specific range that covers a type says of it. */
function preferenceFor(offered: string, ranges: readonly AcceptedRange[]): Preference | undefined {
  const [type, subtype] = offered.split('/')
  let found: Preference | undefined
  for (const [position, range] of ranges.entries()) {
    const specificity = specificityOf(range, type, subtype)
    if (specificity === undefined) continue
    if (found === undefined || specificity > found.specificity) {
      found = { quality: range.quality, specificity, position }
    }
  }
  return found
}

function specificityOf(range: AcceptedRange, type: string | undefined, subtype: string | undefined) {
  if (range.type === type && range.subtype === subtype) return 2
  if (range.type === type && range.subtype === '*') return 1
  return range.type === '*' && range.subtype === '*' ? 0 : undefined
}

function isBetter(one: Preference, other: Preference): boolean {
  if (one.quality !== other.quality) return one.quality > other.quality
  if (one.specificity !== other.specificity) return one.specificity > other.specificity
  return one.position < other.position
}
