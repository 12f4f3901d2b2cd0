import { describe, expect, it } from '@jest/globals'
import { createReadClientAddress } from '../../../src/http/client-address.js'

describe('createReadClientAddress', () => {
  const trusting = createReadClientAddress(['10.0.0.0/8', '::1', '2001:db8::/32'])

  it.each([
    ['an untrusted peer is the client whatever it says', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['a trusted proxy vouches for the client', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    [
      'what the client wrote itself is left of what proxies wrote',
      '10.0.0.1',
      '6.6.6.6, 198.51.100.1',
      '198.51.100.1',
    ],
    ['a chain of trusted proxies is followed', '10.0.0.1', '198.51.100.1, 10.2.3.4', '198.51.100.1'],
    ['IPv4 in IPv6 clothes is IPv4', '::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['however these are written', '::1', '9.9.9.9, 0:0:0:0:0:FFFF:a01:101', '9.9.9.9'],
    ['a client in them too', '::1', '::ffff:c633:6401', '198.51.100.1'],
    ['and nothing that only looks like them', '::1', '0:0:ffff:1::5', '0:0:ffff:1::5'],
    ['ports and brackets fall away', '::1', '[2001:db9::7]:4711', '2001:db9::7'],
    ['an IPv4 port falls away', '::1', '198.51.100.1:4711', '198.51.100.1'],
    ['IPv6 proxies are trusted by network', '2001:db8::5', '198.51.100.1', '198.51.100.1'],
    ['a header without address stops the search', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['no header leaves the proxy', '10.0.0.1', undefined, '10.0.0.1'],
    ['all hops trusted leaves the outermost', '10.0.0.1', '10.9.9.9', '10.9.9.9'],
  ])('%s', (_name, peer, forwardedFor, expected) => {
    expect(trusting(peer, forwardedFor)).toBe(expected)
  })

  it('trusts nobody unless told', () => {
    expect(createReadClientAddress([])('127.0.0.1', '198.51.100.1')).toBe('127.0.0.1')
  })
})
