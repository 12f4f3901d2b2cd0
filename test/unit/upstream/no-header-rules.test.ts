import { describe, expect, it } from '@jest/globals'
import { createPickClientHeaders, passedNames, variesBy } from '../../../src/upstream/index.js'
import { withRequestRules } from '../../../src/upstream/headers/request-rules.js'
import { compileResponseRules } from '../../../src/upstream/headers/response-rules.js'
import { upstreamOptions } from '../../../src/upstream/options.js'

describe('without header rules', () => {
  const options = upstreamOptions.parse({ subgraphs: { shop: { timeoutMs: 5 } } })
  const { request, response } = options.headers.all

  it('nothing is looked at, and headers are written as before by the same function', () => {
    const write = () => []

    expect(createPickClientHeaders(options)).toBeUndefined()
    expect(withRequestRules(write, request)).toBe(write)
    expect(compileResponseRules(response, options.headers)).toBeUndefined()
    expect([variesBy(options), passedNames(options)]).toEqual([[], []])
  })

  it('nothing of a client is picked for response rules either', () => {
    const one = { all: { response: [{ propagate: 'x-served-by', merge: 'first' }] } }

    expect(createPickClientHeaders(upstreamOptions.parse({ headers: one }))).toBeUndefined()
  })
})

describe('what is picked of a client', () => {
  const pick = (request: object[], headers: Record<string, string>) => {
    const picking = createPickClientHeaders(upstreamOptions.parse({ headers: { all: { request } } }))
    if (picking === undefined) throw new Error('nothing is picked')
    return picking(headers)
  }
  const RULES = [{ propagate: 'x-b' }, { propagate: 'x-app-*' }, { propagate: 'x-a-1' }]

  it('has one key whatever the order in which it came, and another for each difference', () => {
    const same = [
      pick(RULES, { 'x-app-1': '1', 'x-b': '2', 'x-a-1': '3', other: '4' }),
      pick(RULES, { 'x-b': '2', 'x-a-1': '3', 'x-app-1': '1' }),
    ]
    const others = [
      pick(RULES, { 'x-b': '2', 'x-a-1': '3' }),
      pick(RULES, { 'x-b': '2', 'x-app-1': '3', 'x-a-1': '1' }),
      pick(RULES, { 'x-b': '2","x-app-1","1', 'x-a-1': '3' }),
      pick([...RULES, { set: 'x-c', value: '1' }], { 'x-app-1': '1', 'x-b': '2', 'x-a-1': '3' }),
    ]

    expect(same[0]?.key).toBe(same[1]?.key)
    expect(new Set([...same, ...others].map(({ key }) => key)).size).toBe(5)
  })

  it.each(['a\r\nb', 'a\nb', 'a\0', 'a\x7f', '漢'])('is never the value %j', (value) => {
    expect(() => pick(RULES, { 'x-b': value })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })
})
