import { z } from 'zod'
import { findRequestFaults } from './request-faults.js'
import { whyNotResponse } from './protected-names.js'

/** A header name without the odd characters that servers read in different ways. */
const NAME = /^[a-z][a-z0-9_-]*$/i
/** A name, or the beginning of names and a star. */
const NAME_OR_PATTERN = /^[a-z][a-z0-9_-]*\*?$/i
/** What a header value may hold (RFC 9110 §5.5), without white space around it. */
const VALUE = /^[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/

const name = () => z.string().max(128).regex(NAME, 'is no header name')
const nameOrPattern = () =>
  z.string().max(128).regex(NAME_OR_PATTERN, 'is neither a header name nor the beginning of one and a star')
const value = () => z.string().max(4_096).regex(VALUE, 'is no header value')

const ACTIONS = ['propagate', 'set', 'rename', 'remove'] as const

const requestRule = z
  .strictObject({
    propagate: nameOrPattern()
      .optional()
      .describe(
        'Copies this header of the client; `x-app-*` copies all that begin so. Credentials only by their full name.',
      ),
    default: value().optional().describe('With propagate: the value where the client sends none.'),
    set: name().optional().describe('Writes this header with the value of `value`.'),
    value: value().optional().describe('With set: the value.'),
    rename: name()
      .optional()
      .describe('Sends a header that a rule before let through under the name in `to`.'),
    to: name().optional().describe('With rename: the new name.'),
    remove: nameOrPattern().optional().describe('Takes out again what rules before have written.'),
  })
  .superRefine((rule, context) => {
    const [action, ...others] = ACTIONS.filter((each) => rule[each] !== undefined)
    const complain = (message: string) => context.addIssue({ code: 'custom', message })
    if (action === undefined || others.length > 0) complain(`needs exactly one of ${ACTIONS.join(', ')}`)
    if ((action === 'set') !== (rule.value !== undefined)) complain('set and value go together')
    if ((action === 'rename') !== (rule.to !== undefined)) complain('rename and to go together')
    if (rule.default === undefined) return
    if (action !== 'propagate') complain('default goes with propagate')
    else if (rule.propagate?.endsWith('*') === true) complain('a pattern has no default: name the header')
  })

const responseRule = z.strictObject({
  propagate: name()
    .superRefine((text, context) => {
      const message = whyNotResponse(text)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .describe('Passes this header of subgraph replies on to the client.'),
  merge: z
    .enum(['first', 'last', 'append'])
    .describe(
      'Which one goes out where several replies of a request have it: that of the first to arrive, that of the last, or all.',
    ),
})

const rules = () =>
  z.strictObject({
    request: z
      .array(requestRule)
      .max(100)
      .default([])
      .describe('Rules for the headers of subgraph requests, applied in this order.'),
    response: z
      .array(responseRule)
      .max(100)
      .default([])
      .describe('Headers of subgraph replies that go on to the client.'),
  })

/** Header rules of one subgraph, behind those of all. */
export const subgraphHeaders = () => rules().optional()

/** Header rules of all subgraphs, and what bounds them. */
export const headersOptions = z.strictObject({
  all: rules().prefault({}).describe('Rules for every subgraph, applied before its own.'),
  maxValueBytes: z
    .int()
    .positive()
    .default(4_096)
    .describe(
      'Longest value that rules let through, in bytes: a request with a longer one is refused (431), a reply loses it.',
    ),
  maxTotalBytes: z
    .int()
    .positive()
    .default(8_192)
    .describe(
      'Most that rules let through of one request, or of its replies, names and values together, in bytes.',
    ),
})

export type HeaderRules = z.output<ReturnType<typeof rules>>
export type RequestRule = z.output<typeof requestRule>
export type HeadersOptions = z.output<typeof headersOptions>

/** The options as far as header rules go. */
export interface RuledOptions {
  readonly headers: HeadersOptions
  readonly subgraphs: Readonly<Record<string, { readonly headers?: HeaderRules | undefined }>>
}

/** The rules that count for a subgraph, in the order in which they are applied. */
export function rulesOf({ headers, subgraphs }: RuledOptions, subgraph: string): HeaderRules {
  const own = Object.hasOwn(subgraphs, subgraph) ? subgraphs[subgraph]?.headers : undefined
  const { all } = headers
  return {
    request: [...all.request, ...(own?.request ?? [])],
    response: [...all.response, ...(own?.response ?? [])],
  }
}

/** Finds what only shows when the rules of all places are seen together, each with its path in the options. */
export function findRuleFaults(options: RuledOptions): readonly { path: string[]; message: string }[] {
  const places = [
    { path: ['headers', 'all'], rules: options.headers.all },
    ...Object.keys(options.subgraphs).map((subgraph) => ({
      path: ['subgraphs', subgraph, 'headers'],
      rules: rulesOf(options, subgraph),
    })),
  ]
  const merges = new Map<string, string>()
  const faults: { path: string[]; message: string }[] = []
  for (const { path, rules: placed } of places) {
    for (const message of findRequestFaults(placed.request)) {
      // Those of all are found again in each subgraph.
      if (faults.some((fault) => fault.message === message)) continue
      faults.push({ path: [...path, 'request'], message })
    }
    for (const { propagate, merge } of placed.response) {
      const lower = propagate.toLowerCase()
      if ((merges.get(lower) ?? merge) !== merge) {
        faults.push({ path: [...path, 'response'], message: `${propagate} is merged in two ways` })
      }
      merges.set(lower, merge)
    }
  }
  return faults
}
