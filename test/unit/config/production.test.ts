import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { loadConfigFile, validateConfig } from '../../../src/config/load.js'
import { assertFitForProduction, UnsafeForProductionError } from '../../../src/config/production.js'
import { createGateway } from '../../../src/gateway.js'

const FILE = join(import.meta.dirname, '..', '..', '..', 'gateway.yaml')

describe('a config in production', () => {
  it('is refused as long as gateway.yaml has the development secret', async () => {
    const config = await loadConfigFile(FILE, {})
    expect(() => assertFitForProduction(config.options)).toThrow(UnsafeForProductionError)
    expect(() => assertFitForProduction(config.options)).toThrow(/^[^\n]*GATEWAY_SIGNING_SECRET[^\n]*$/)
    await expect(createGateway(config, { production: true })).rejects.toThrow(UnsafeForProductionError)
  })

  it('is refused with the development pepper where API keys are kept, and only there', async () => {
    const { options } = await loadConfigFile(FILE, { GATEWAY_SIGNING_SECRET: 'a-secret-of-our-own' })
    expect(() => assertFitForProduction(options)).toThrow(/^[^\n]*API_KEY_PEPPER[^\n]*$/)
    const pepper = options.identity.apiKeys.pepper
    const unused = validateConfig({ identity: { apiKeys: { pepper } } }, {})
    expect(() => assertFitForProduction(unused)).not.toThrow()
  })

  it.each([
    {
      GATEWAY_SIGNING_SECRET: 'a-secret-of-our-own',
      API_KEY_PEPPER: 'a-pepper-of-our-own-and-of-nobody-else',
    },
  ])('is accepted with %j', async (environment) => {
    const { options } = await loadConfigFile(FILE, environment)
    expect(() => assertFitForProduction(options)).not.toThrow()
  })

  it('is accepted where nothing is signed, as with any supergraph of others', () => {
    expect(() => assertFitForProduction(validateConfig({}, {}))).not.toThrow()
  })
})
