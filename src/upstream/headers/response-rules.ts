import type { PassedHeader } from '../../kernel/upstream-call.js'
import type { HeaderRules, HeadersOptions } from './options.js'

/** The headers of one subgraph's replies that go on to the client. */
export interface ReplyHeaderRules {
  readonly merges: ReadonlyMap<string, PassedHeader['merge']>
  readonly maxValueBytes: number
  readonly maxTotalBytes: number
}

const VALUE = /^[\t\x20-\x7e\x80-\xff]+$/

/** Prepares the response rules of a subgraph; undefined where it has none. */
export function compileResponseRules(
  rules: HeaderRules['response'],
  { maxValueBytes, maxTotalBytes }: HeadersOptions,
): ReplyHeaderRules | undefined {
  if (rules.length === 0) return undefined
  const merges = new Map(rules.map(({ propagate, merge }) => [propagate.toLowerCase(), merge]))
  return { merges, maxValueBytes, maxTotalBytes }
}

/**
 * Takes what rules let through from a head as undici gives it: name, value, name, value.
 *
 * What no header may hold, or is too long, is left out: half a cookie is worse than none.
 */
export function readPassed(
  { merges, maxValueBytes, maxTotalBytes }: ReplyHeaderRules,
  raw: readonly Buffer[],
): readonly PassedHeader[] | undefined {
  const found = new Map<string, string[]>()
  let bytes = 0
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]?.toString('latin1').toLowerCase() ?? ''
    if (!merges.has(name)) continue
    const value = raw[index + 1]?.toString('latin1') ?? ''
    bytes += name.length + value.length
    if (value.length > maxValueBytes || bytes > maxTotalBytes || !VALUE.test(value)) continue
    const values = found.get(name)
    if (values === undefined) found.set(name, [value])
    else values.push(value)
  }
  if (found.size === 0) return undefined
  return [...found].map(([name, values]) => ({ name, merge: merges.get(name) ?? 'first', values }))
}
