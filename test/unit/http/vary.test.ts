import { describe, expect, it } from '@jest/globals'
import { joinVary } from '../../../src/http/vary.js'

describe('joinVary', () => {
  it.each([
    ['Accept', '', 'Accept'],
    ['Origin', 'Accept', 'Origin, Accept'],
    ['Origin, accept', 'Accept, Authorization', 'Origin, accept, Authorization'],
    ['Origin', '*', '*'],
    ['', '', ''],
  ])('joins %p and %p to %p, now and the next time', (one, other, joined) => {
    expect([joinVary(one, other), joinVary(one, other)]).toEqual([joined, joined])
  })
})
