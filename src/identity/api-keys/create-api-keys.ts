import type { ApiKeyStore } from '../../kernel/ports/api-key-store.js'
import type { Clock } from '../../kernel/ports/clock.js'
import type { CredentialFailures } from '../../kernel/ports/credential-failures.js'
import type { DependencyHealth } from '../../kernel/ports/health.js'
import type { Logger } from '../../kernel/ports/logger.js'
import { unsupportedCredential } from '../refusals.js'
import { ChangeWatch } from './change-watch.js'
import { createIdentifyKey, type IdentifyKey } from './identify-key.js'
import { createKeyHashing } from './key-hashing.js'
import { KeyMemory } from './key-memory.js'
import type { ApiKeysOptions } from './options.js'

export interface ApiKeysParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly failures?: CredentialFailures | undefined
}

/** API keys as the identify stage and the gateway's life know them. */
export interface ApiKeys {
  readonly identify: IdentifyKey
  /** Begins to watch the store; one that is away is health's matter, not an error. */
  readonly start: () => Promise<void>
  readonly health: () => readonly DependencyHealth[]
  /** Closes the store, too. */
  readonly stop: () => Promise<void>
}

/** Puts the parts together; without a store whatever is sent as a key cannot be valid. */
export function createApiKeys(
  options: ApiKeysOptions,
  store: ApiKeyStore | undefined,
  { clock, logger, failures }: ApiKeysParts,
): ApiKeys {
  if (store === undefined) return NO_API_KEYS
  const watch = new ChangeWatch({
    store,
    pollMs: options.revocationPollMs,
    logger,
    onChange: (changed) => memory.forget(changed),
  })
  const memory = new KeyMemory(options, {
    store,
    clock,
    isAnswering: () => watch.isAnswering,
    onFailure: (reason) => watch.suspect(reason),
  })
  return {
    identify: createIdentifyKey({
      hashing: createKeyHashing(options.pepper),
      ...{ memory, clock, logger, failures },
    }),
    start: () => watch.start(),
    health: () => [watch.health()],
    stop: () => {
      watch.stop()
      return store.close()
    },
  }
}

const NO_API_KEYS: ApiKeys = {
  identify: () => {
    throw unsupportedCredential('no API keys are configured')
  },
  start: () => Promise.resolve(),
  health: () => [],
  stop: () => Promise.resolve(),
}
