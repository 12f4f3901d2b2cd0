import { describe, expect, it } from '@jest/globals'
import { assertShallow, parseJson } from '../../../src/http/parse-json.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'

const nested = (levels: number) =>
  parseJson(`${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`, 'it')

describe('assertShallow', () => {
  it('admits the limit and refuses one more, in lists and objects', () => {
    expect(() => assertShallow(nested(10), 10, 'it')).not.toThrow()
    expect(() => assertShallow(nested(12), 11, 'it')).toThrow(GatewayError)
    expect(() => assertShallow({ a: [[], {}], b: null }, 3, 'it')).not.toThrow()
    expect(() => assertShallow({ a: [[], {}], b: null }, 2, 'it')).toThrow('nested too deeply')
    expect(() => assertShallow(undefined, 0, 'it')).not.toThrow()
  })

  it('does not exhaust the stack', () => {
    expect(() => assertShallow(nested(100_000), 200_000, 'it')).not.toThrow()
  })

  it('costs little beside the parsing of a megabyte of small objects', () => {
    const text = JSON.stringify(Array.from({ length: 60_000 }, () => ({ a: 1, b: {} })))
    const best = (work: () => void) =>
      Math.min(
        ...Array.from({ length: 8 }, () => {
          const started = performance.now()
          work()
          return performance.now() - started
        }),
      )
    const value = parseJson(text, 'it')
    const parsing = best(() => void parseJson(text, 'it'))
    expect(best(() => assertShallow(value, 100, 'it'))).toBeLessThan(4 * parsing)
  })
})
