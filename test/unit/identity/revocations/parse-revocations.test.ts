import { describe, expect, it } from '@jest/globals'
import { parseRevocations } from '../../../../src/identity/revocations/parse-revocations.js'

describe('parseRevocations', () => {
  it('reads ids and subjects, and passes over comments, empty lines and line ends of others', () => {
    const text =
      '# since the break-in\n\njti:abc-1\r\n  sub:u-1@1700000000\nsub:a@b.c@1700000001\njti:with space:x\n'

    expect(parseRevocations(text, 10)).toEqual({
      tokenIds: new Set(['abc-1', 'with space:x']),
      subjects: new Map([
        ['u-1', 1_700_000_000],
        ['a@b.c', 1_700_000_001],
      ]),
    })
  })

  it('takes the later of two times, and a part of a second as all of it', () => {
    const text = 'sub:u@9\nsub:u@7\nsub:v@2023-11-14T22:13:20Z\nsub:w@2023-11-14T23:13:20.5+01:00'

    expect([...parseRevocations(text, 10).subjects]).toEqual([
      ['u', 9],
      ['v', 1_700_000_000],
      ['w', 1_700_000_001],
    ])
  })

  it.each([
    'abc-1',
    'jti:',
    'jti: ',
    'JTI:abc',
    'sub:u-1',
    'sub:u-1@',
    'sub:@5',
    'sub:u-1@soon',
    'sub:u-1@-5',
    'sub:u-1@2023-11-14',
    'sub:u-1@2023-13-45T99:00:00Z',
    'sub:u-1@1e9',
    `jti:${'x'.repeat(257)}`,
    'jti:a\0b',
    'jtis:a',
  ])('refuses the list for the line %j', (line) => {
    expect(() => parseRevocations(`jti:good\n${line}`, 10)).toThrow('line 2 is no revocation')
  })

  it('refuses a list that is too long', () => {
    expect(() => parseRevocations('jti:a\njti:b\nsub:c@1', 2)).toThrow('more than 2 revocations')
    expect(parseRevocations('jti:a\njti:a\njti:b', 2).tokenIds.size).toBe(2)
  })
})
