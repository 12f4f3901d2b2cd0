import { describe, expect, it } from '@jest/globals'
import { findUnlimitedCallers } from '../../../src/limits/index.js'
import { limitsOptions } from '../../../src/limits/options.js'

/** Who is found, of one class without the default limits. */
function found(limits: readonly object[], match: object = {}, more: object = {}): readonly string[] {
  const classes = [{ name: 'own', match, limits, alsoDefault: false, ...more }]
  const findings = findUnlimitedCallers(limitsOptions.parse({ requests: { classes } }).requests, () => true)
  return findings.map((finding) => /The class own leaves (.+?) without /.exec(finding)?.[1] ?? '')
}

describe('callers whom a class leaves without any limit', () => {
  it.each([
    ['user', ['anonymous callers', 'machines with a token', 'API keys']],
    ['apiKey', ['anonymous callers', 'users', 'machines with a token']],
    ['tenant', ['anonymous callers']],
    ['caller', []],
    ['address', []],
  ])('are found where all limits are per %s', (per, kinds) => {
    expect(found([{ per, limit: 1 }])).toEqual(kinds)
  })

  it('are those for whom none of several limits is', () => {
    const [user, apiKey] = [
      { per: 'user', limit: 1 },
      { per: 'apiKey', limit: 1 },
    ]
    expect(found([user, apiKey])).toEqual(['anonymous callers', 'machines with a token'])
    expect(found([user, { per: 'address', limit: 1 }])).toEqual([])
  })

  it('fit the class', () => {
    const limits = [{ per: 'user', limit: 1 }]
    expect(found(limits, { principals: ['user'] })).toEqual([])
    expect(found(limits, { principals: ['user', 'machine'] })).toEqual(['machines with a token', 'API keys'])
    expect(found(limits, { plans: ['anonymous'] })).toEqual(['anonymous callers'])
    expect(found(limits, { plans: ['free', 'pro'] })).toEqual(['machines with a token', 'API keys'])
    expect(found(limits, { plans: ['anonymous'], principals: ['user'] })).toEqual([])
  })

  it('are not those of a plan that a limit leaves out in writing', () => {
    expect(found([{ limit: { free: 1 } }], { plans: ['free', 'enterprise'] })).toEqual([])
  })

  it('are none where other limits count as well, or none at all', () => {
    const limits = [{ per: 'user', limit: 1 }]
    expect(found(limits, {}, { alsoDefault: true })).toEqual([])
    expect(found(limits, { frontEnds: ['graphql'], operations: ['mutation'] })).toEqual([])
    expect(found(limits, { operations: ['mutation'], principals: ['machine'] })).toEqual([
      'machines with a token',
      'API keys',
    ])
    const { requests } = limitsOptions.parse({
      requests: { enabled: false, classes: [{ name: 'own', limits, alsoDefault: false }] },
    })
    expect(findUnlimitedCallers(requests, () => true)).toEqual([])
  })

  it('are not of a kind that nobody lets in', () => {
    const classes = [{ name: 'own', limits: [{ per: 'tenant', limit: 1 }], alsoDefault: false }]
    const { requests } = limitsOptions.parse({ requests: { classes } })
    expect(findUnlimitedCallers(requests, (holder) => holder !== 'anonymous')).toEqual([])
  })
})
