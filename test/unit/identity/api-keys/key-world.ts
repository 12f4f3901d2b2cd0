import { createIdentity, createApiKeyRegister, type ApiKeyRegister } from '../../../../src/identity/index.js'
import { identityOptions } from '../../../../src/identity/options.js'
import type { Identified } from '../../../../src/kernel/contexts.js'
import type { CredentialFailures } from '../../../../src/kernel/ports/credential-failures.js'
import { SILENT_LOGGER, type Logger } from '../../../../src/kernel/ports/logger.js'
import { createReceived, NOW_SECONDS } from '../identity-world.js'
import { createFakeStore, type FakeStore } from './fake-store.js'

export const PEPPER = 'a-pepper-of-this-test-and-of-nobody-else'

export interface KeyWorld {
  readonly store: FakeStore
  readonly register: ApiKeyRegister
  readonly clock: { ms: number; now: () => number }
  readonly identity: ReturnType<typeof createIdentity>
  readonly identify: (apiKey: string) => Promise<Identified>
  /** Makes a key and returns its text and id. */
  readonly create: (wish?: object) => Promise<{ readonly text: string; readonly id: string }>
}

/** An identity whose API keys lie in a store of the test's own; not started, so that nothing is asked unasked. */
export function createKeyWorld(
  options: object = {},
  logger: Logger = SILENT_LOGGER,
  failures?: CredentialFailures,
): KeyWorld {
  const store = createFakeStore()
  const clock = { ms: NOW_SECONDS * 1000, now: () => clock.ms }
  const apiKeys = { directory: 'nowhere', pepper: PEPPER, ...options }
  const identity = createIdentity(identityOptions.parse({ apiKeys }), {
    ...{ clock, logger, failures },
    apiKeyStore: store,
  })
  const register = createApiKeyRegister(PEPPER, store, clock)
  return {
    store,
    register,
    clock,
    identity,
    identify: async (apiKey) => identity.stage.run(createReceived({ apiKey })),
    create: async (wish = {}) => {
      const fit = { name: 'test', tenant: 'acme', plan: 'pro' as const, scopes: ['order:read'], ...wish }
      const { text, key } = await register.create(fit)
      return { text, id: key.id }
    },
  }
}
