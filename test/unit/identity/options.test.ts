import { describe, expect, it } from '@jest/globals'
import { identityOptions } from '../../../src/identity/options.js'

const issuer = { issuer: 'https://a', jwksFile: 'a.json' }

describe('identityOptions', () => {
  it('has the published policy as defaults', () => {
    expect(identityOptions.parse({})).toMatchObject({
      issuers: [],
      clockToleranceSeconds: 30,
      maxTokenBytes: 8_192,
      maxLifetimeSeconds: 86_400,
      anonymous: { allowed: true, tenant: 'default' },
      apiKeys: {
        databaseUrl: '',
        directory: '',
        cacheSeconds: 300,
        maxStaleSeconds: 300,
        revocationPollMs: 2_000,
      },
      keys: {
        timeoutMs: 1_500,
        maxBytes: 262_144,
        refreshSeconds: 10,
        cooldownMs: 1_000,
        maxStaleSeconds: 3_600,
      },
    })
  })

  it.each([
    [{ issuers: [{ issuer: 'https://a' }] }],
    [{ issuers: [{ ...issuer, publicKey: 'x' }] }],
    [{ issuers: [issuer, issuer] }],
    [{ issuers: [{ ...issuer, algorithms: ['HS256'] }] }],
    [{ issuers: [{ ...issuer, algorithms: ['none'] }] }],
    [{ issuers: [{ ...issuer, algorithms: [] }] }],
    [{ issuers: [{ issuer: 'https://a', jwksUrl: 'file:///etc/passwd' }] }],
    [{ clockToleranceSeconds: 61 }],
    [{ issuers: [{ ...issuer, clockToleranceSeconds: 61 }] }],
    [{ cookie: { name: 'a b' } }],
    [{ cookie: { name: '' } }],
    [{ cookie: { name: 'a', origins: ['*'] } }],
    [{ cookie: { name: 'a', origins: ['https://a.example/'] } }],
    [{ enrichment: {} }],
    [{ enrichment: { module: 'x.js', onFailure: 'ignore' } }],
    [{ apiKeys: { directory: 'keys' } }],
    [{ apiKeys: { directory: 'keys', pepper: 'short' } }],
    [{ apiKeys: { databaseUrl: 'postgres://h/d', pepper: 'x'.repeat(31) } }],
    [{ apiKeys: { databaseUrl: 'mysql://h/d', pepper: 'x'.repeat(32) } }],
    [{ apiKeys: { revocationPollMs: 0 } }],
    [{ anonymus: {} }],
  ])('refuses %j', (options) => {
    expect(identityOptions.safeParse(options).success).toBe(false)
  })
})
