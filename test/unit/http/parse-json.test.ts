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
})
