import type { ApiKeyStore } from '../kernel/ports/api-key-store.js'
import type { Logger } from '../kernel/ports/logger.js'
import { createFileApiKeyStore } from './file-api-key-store.js'
import { createPostgresApiKeyStore } from './postgres-api-key-store.js'

/** Where keys are kept: in the database, else in the folder, else nowhere. */
export interface ApiKeyStoreOptions {
  readonly databaseUrl: string
  readonly directory: string
  readonly timeoutMs: number
}

/** Makes the store that the options name; undefined where API keys are off. Nothing is opened yet. */
export function createApiKeyStore(options: ApiKeyStoreOptions, logger: Logger): ApiKeyStore | undefined {
  if (options.databaseUrl !== '') return createPostgresApiKeyStore(options, logger)
  return options.directory === '' ? undefined : createFileApiKeyStore(options.directory)
}
