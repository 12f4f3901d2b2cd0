import { withAbsolutePaths } from './config/absolute-paths.js'
import type { LoadedConfig } from './config/load.js'
import { assertKeysFitForProduction } from './config/production.js'
import { createApiKeyRegister, type ApiKeyRegister } from './identity/index.js'
import { createApiKeyStore } from './infra/api-key-store.js'
import { SYSTEM_CLOCK } from './kernel/ports/clock.js'
import { SILENT_LOGGER } from './kernel/ports/logger.js'

/** Nobody's request waits for a command, so that it can wait for a database that is busy. */
const LEAST_PATIENCE_MS = 10_000

/**
 * Opens the API keys of a config for the command line; undefined where the config keeps none.
 *
 * Only the store and the pepper: no supergraph, listener or Redis has to be in reach to revoke a key.
 */
export function openApiKeys(config: LoadedConfig, production: boolean): ApiKeyRegister | undefined {
  const options = withAbsolutePaths(config)
  if (production) assertKeysFitForProduction(options)
  const { apiKeys } = options.identity
  const timeoutMs = Math.max(apiKeys.timeoutMs, LEAST_PATIENCE_MS)
  const store = createApiKeyStore({ ...apiKeys, timeoutMs }, SILENT_LOGGER)
  return store && createApiKeyRegister(apiKeys.pepper, store, SYSTEM_CLOCK)
}
