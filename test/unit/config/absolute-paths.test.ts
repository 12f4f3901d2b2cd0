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
})
