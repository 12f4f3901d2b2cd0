import { describe, expect, it } from '@jest/globals'
import { upstreamOptions } from '../../../src/upstream/options.js'

describe('upstreamOptions', () => {
  it('has the published limits as defaults', () => {
    expect(upstreamOptions.parse({})).toMatchObject({
      timeoutMs: 3_000,
      maxReplyBytes: 10_000_000,
      maxReplyHeaderBytes: 65_536,
      maxConcurrentCalls: 100,
      connectTimeoutMs: 1_000,
      protocol: 'http1',
      pipelining: 1,
      shareInFlight: true,
      breaker: { minimumCalls: 20, failureRatio: 0.5, openMs: 5_000, probes: 3 },
    })
  })

  it.each([
    [{ identityHeaders: 'signed' }],
    [{ signing: { secret: 'short' } }],
    [{ burts: 1 }],
    [{ subgraphs: { user: { url: 'ftp://host' } } }],
    [{ subgraphs: { user: { protocol: 'http3' } } }],
    [{ subgraphs: { user: { caFile: '' } } }],
    [{ pipelining: 0 }],
  ])('refuses %j', (options) => {
    expect(upstreamOptions.safeParse(options).success).toBe(false)
  })
})
