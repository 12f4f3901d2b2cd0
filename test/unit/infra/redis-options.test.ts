import { describe, expect, it } from '@jest/globals'
import { redisOptions } from '../../../src/infra/options.js'

describe('the URL of Redis', () => {
  it.each([
    '',
    'redis://r',
    'redis://r/',
    'redis://:secret@r:6379/0',
    'rediss://r/15',
    'redis://r/1?family=6',
  ])('may be %p', (url) => {
    expect(redisOptions.parse({ url }).url).toBe(url)
  })

  it.each(['redis://r/abc', 'redis://r/1a', 'redis://r/-1', 'redis://r/1/2', 'redis://r/1.5'])(
    'has the number of a database for its path, and not: %s',
    (url) => {
      const [issue] = redisOptions.safeParse({ url }).error?.issues ?? []
      expect(issue).toMatchObject({ path: ['url'], message: expect.stringContaining('number of a database') })
    },
  )

  it.each(['http://r', 'r:6379'])('has a scheme of Redis, unlike %s', (url) => {
    expect(redisOptions.safeParse({ url }).error?.issues).toMatchObject([{ path: ['url'] }])
  })
})
