import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { loadConfigFile, validateConfig } from '../../../src/config/load.js'
import {
  assertFitForProduction,
  assertKeysFitForProduction,
  UnsafeForProductionError,
  withoutUnsafeKeys,
} from '../../../src/config/production.js'
import { DEVELOPMENT_PEPPER } from '../../../src/identity/options.js'
import { createGateway } from '../../../src/gateway.js'

const FILE = join(import.meta.dirname, '..', '..', '..', 'gateway.yaml')

describe('a config in production', () => {
  it('is refused as long as gateway.yaml has the development secret', async () => {
    const config = await loadConfigFile(FILE, {})
    expect(() => assertFitForProduction(config.options)).toThrow(UnsafeForProductionError)
    expect(() => assertFitForProduction(config.options)).toThrow(/^[^\n]*GATEWAY_SIGNING_SECRET[^\n]*$/)
    await expect(createGateway(config, { production: true })).rejects.toThrow(UnsafeForProductionError)
  })

  it('has no API keys with the development pepper, says so, and makes none', async () => {
    const { options } = await loadConfigFile(FILE, { GATEWAY_SIGNING_SECRET: 'a-secret-of-our-own' })
    expect(() => assertFitForProduction(options)).not.toThrow()
    const said: string[] = []
    const { apiKeys } = withoutUnsafeKeys(options, { warn: (_facts, text) => void said.push(text) }).identity
    expect([apiKeys.databaseUrl, apiKeys.directory]).toEqual(['', ''])
    expect(said).toEqual([expect.stringContaining('API_KEY_PEPPER')])
    expect(() => assertKeysFitForProduction(options)).toThrow(/^[^\n]*API_KEY_PEPPER[^\n]*$/)
  })

  it('keeps API keys under a pepper of its own, and as they are where none are kept', async () => {
    const environment = {
      GATEWAY_SIGNING_SECRET: 'a-secret-of-our-own',
      API_KEY_PEPPER: 'a-pepper-of-our-own-and-of-nobody-else',
    }
    const { options } = await loadConfigFile(FILE, environment)
    const unused = validateConfig({ identity: { apiKeys: { pepper: DEVELOPMENT_PEPPER } } }, {})
    for (const each of [options, unused]) {
      expect(withoutUnsafeKeys(each, { warn: () => expect(each).toBeUndefined() })).toBe(each)
      expect(() => assertKeysFitForProduction(each)).not.toThrow()
    }
  })

  it.each([{ GATEWAY_SIGNING_SECRET: 'a-secret-of-our-own' }])('is accepted with %j', async (environment) => {
    const { options } = await loadConfigFile(FILE, environment)
    expect(() => assertFitForProduction(options)).not.toThrow()
  })

  it('is accepted where nothing is signed, as with any supergraph of others', () => {
    expect(() => assertFitForProduction(validateConfig({}, {}))).not.toThrow()
  })
})
