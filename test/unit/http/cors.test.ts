import { describe, expect, it } from '@jest/globals'
import { corsRules } from '../../../src/http/cors.js'
import { httpOptions } from '../../../src/http/options.js'

describe('corsRules', () => {
  it('lets pages read how their limits, quotas and costs stand', () => {
    const { exposedHeaders } = corsRules(httpOptions.parse({}).cors, false) ?? {}
    expect(exposedHeaders).toEqual(
      expect.arrayContaining([
        'RateLimit',
        'RateLimit-Policy',
        'Retry-After',
        'X-RateLimit-Remaining',
        'X-Quota-Limit',
        'X-Quota-Remaining',
        'X-Quota-Cost-Limit',
        'X-Quota-Cost-Remaining',
        'X-Quota-Warning',
        'X-Cost-Actual',
      ]),
    )
  })
})
