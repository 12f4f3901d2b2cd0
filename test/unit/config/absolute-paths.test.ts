import { describe, expect, it } from '@jest/globals'
import { withAbsolutePaths } from '../../../src/config/absolute-paths.js'
import { gatewayOptions } from '../../../src/config/schema.js'

describe('withAbsolutePaths', () => {
  it('lets certificate files of subgraphs start at the folder of the config', () => {
    const caFile = 'certificates/shop.pem'
    const options = gatewayOptions.parse({
      upstream: { subgraphs: { shop: { caFile, timeoutMs: 5 }, other: { caFile: '/etc/ca.pem' }, none: {} } },
    })

    const { upstream } = withAbsolutePaths({ options, baseDirectory: '/srv/gateway', file: undefined })

    expect(upstream.subgraphs).toEqual({
      shop: { caFile: '/srv/gateway/certificates/shop.pem', timeoutMs: 5 },
      other: { caFile: '/etc/ca.pem' },
      none: {},
    })
  })

  it('lets the file of signing keys start there, too', () => {
    const clients = [{ id: 'a', secretHash: `sha256:${'0'.repeat(64)}` }]
    const tokenEndpoint = { issuer: 'https://api.example', keysFile: 'keys.json', clients }
    const options = gatewayOptions.parse({ identity: { tokenEndpoint } })

    const { identity } = withAbsolutePaths({ options, baseDirectory: '/srv/gateway', file: undefined })

    expect(identity.tokenEndpoint).toEqual({
      ...options.identity.tokenEndpoint,
      keysFile: '/srv/gateway/keys.json',
    })
  })

  it('lets the folder of API keys start there, too, and leaves one that is not set as it is', () => {
    const directoryOf = (directory: string) => {
      const options = gatewayOptions.parse({ identity: { apiKeys: { directory, pepper: 'x'.repeat(32) } } })
      return withAbsolutePaths({ options, baseDirectory: '/srv', file: undefined }).identity.apiKeys.directory
    }

    expect(['keys', '/var/keys', ''].map(directoryOf)).toEqual(['/srv/keys', '/var/keys', ''])
  })
})
