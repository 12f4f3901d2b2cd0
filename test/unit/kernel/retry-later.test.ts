import { describe, expect, it } from '@jest/globals'
import { ResponseHead } from '../../../src/kernel/response-head.js'
import { retryLater, toRetrySeconds } from '../../../src/kernel/retry-later.js'

describe('a refusal for now', () => {
  it('says when to come again in a header and in the error, beside what else it says', () => {
    const head = new ResponseHead()
    expect(retryLater(head, 40, 'QUOTA_EXCEEDED', 'Used up.', { quota: 'cost' })).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      status: 429,
      message: 'Used up.',
      extensions: { retryAfterSeconds: 40, quota: 'cost' },
    })
    expect(head.get('retry-after')).toBe('40')
  })

  it('counts begun seconds as whole ones, and never says "at once"', () => {
    expect([-5, 0, 1, 1_000, 1_001].map(toRetrySeconds)).toEqual([1, 1, 1, 1, 2])
  })
})
