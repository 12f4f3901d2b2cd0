import { describe, expect, it } from '@jest/globals'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import { toProblem, toProblemResponse } from '../../../src/kernel/problem.js'

describe('toProblem', () => {
  it('writes the members of RFC 9457 with code and request id', () => {
    const error = new GatewayError('REQUEST_RATE_LIMITED', 'Slow down.', {
      extensions: { retryAfterMs: 1200, status: 'not this one' },
      headers: { 'retry-after': '2' },
    })

    expect(toProblem(error, 'request-1')).toEqual({
      type: 'urn:gatehouse:error:REQUEST_RATE_LIMITED',
      title: 'Too many requests',
      status: 429,
      detail: 'Slow down.',
      code: 'REQUEST_RATE_LIMITED',
      requestId: 'request-1',
      retryAfterMs: 1200,
    })
    expect(toProblemResponse(error, 'request-1')).toMatchObject({
      status: 429,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '2' },
    })
  })
})
