import { describe, expect, it } from '@jest/globals'
import { federationOptions } from '../../../src/federation/options.js'

describe('the options of federation', () => {
  it('are whole without a word from the operator', () => {
    expect(federationOptions.parse({})).toMatchObject({
      supergraph: { watch: true, pollIntervalSeconds: 10 },
      planner: 'auto',
      planCache: { maxEntries: 10_000 },
    })
  })

  it('refuse two sources at once', () => {
    const parsed = federationOptions.safeParse({ supergraph: { file: 'a.graphql', compose: 'b.yaml' } })
    expect(parsed.error?.issues[0]?.message).toBe('name only one of file, compose and introspect')
  })

  it('refuse what they do not know', () => {
    expect(federationOptions.safeParse({ planer: 'native' }).success).toBe(false)
  })
})
