import { describe, expect, it } from '@jest/globals'
import { readCacheControl } from '../../../src/upstream/cache-control.js'

describe('readCacheControl', () => {
  it.each([
    ['max-age=60', 60, 'PUBLIC'],
    ['public, max-age=60', 60, 'PUBLIC'],
    ['private, max-age=60', 60, 'PRIVATE'],
    ['max-age=60, s-maxage=5', 5, 'PUBLIC'],
    ['MAX-AGE="30"', 30, 'PUBLIC'],
    ['max-age=60, no-store', 0, 'PRIVATE'],
    ['no-cache', 0, 'PRIVATE'],
    ['public', 0, 'PUBLIC'],
    ['max-age=-1', 0, 'PUBLIC'],
    ['max-age=1e9', 0, 'PUBLIC'],
    ['max-age=10, max-age=99', 10, 'PUBLIC'],
    ['max-age=99999999999', 31_536_000, 'PUBLIC'],
  ])('%s', (header, maxAgeSeconds, scope) => {
    expect(readCacheControl(header)).toEqual({ maxAgeSeconds, scope })
  })

  it('says nothing without the header', () => {
    expect(readCacheControl(undefined)).toBeUndefined()
    expect(readCacheControl('')).toBeUndefined()
  })
})
