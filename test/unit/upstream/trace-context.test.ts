import { describe, expect, it } from '@jest/globals'
import { toTraceparent } from '../../../src/upstream/trace-context.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceOf = (traceparent: string) => traceparent.split('-')[1]

describe('toTraceparent', () => {
  it('gives every call of a request the same trace and a span of its own', () => {
    const first = toTraceparent('request-1', undefined)
    const second = toTraceparent('request-1', undefined)

    expect(first).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    expect(traceOf(second)).toBe(traceOf(first))
    expect(second).not.toBe(first)
  })

  it('takes the digits of a UUID as the trace id', () => {
    const made = toTraceparent('4BF92F35-77B3-4DA6-A3CE-929D0E0E4736', undefined)

    expect(traceOf(made)).toBe(TRACE)
  })

  it('continues a newer version with more parts', () => {
    expect(traceOf(toTraceparent('r', `cc-${TRACE}-00f067aa0ba902b7-01-what`))).toBe(TRACE)
  })

  it.each([
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-00f067aa0ba902b7-01-more`,
    `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
    'nonsense',
  ])('begins a new trace instead of continuing %s', (incoming) => {
    const made = toTraceparent('request-1', incoming)

    expect(traceOf(made)).toBe(traceOf(toTraceparent('request-1', undefined)))
  })
})
