import type { Logger } from '../kernel/ports/logger.js'
import type { UsageOutbox, UsageStore } from '../kernel/ports/usage-store.js'
import { createFileUsageStore } from './file-usage-store.js'
import { createMemoryUsageStore } from './memory-usage-store.js'
import { createPostgresUsageStore } from './postgres-usage-store.js'
import { createUsageOutbox } from './usage-outbox.js'

/** Where usage is kept: in the database, else in the folder, else in this process. */
export interface UsageStoreOptions {
  readonly databaseUrl: string
  readonly directory: string
  readonly timeoutMs: number
}

/** Makes the store that the options name. Nothing is opened yet. */
export function createUsageStore(options: UsageStoreOptions, logger: Logger): UsageStore {
  return createLastingUsageStore(options, logger) ?? createMemoryUsageStore()
}

/** Makes the store that other processes see too; undefined where usage is gone with the process. */
export function createLastingUsageStore(options: UsageStoreOptions, logger: Logger): UsageStore | undefined {
  if (options.databaseUrl !== '') return createPostgresUsageStore(options, logger)
  return options.directory === '' ? undefined : createFileUsageStore(options.directory)
}

/** Where batches wait that did not get into the database; a folder that is the store needs none. */
export function createOutboxFor({ databaseUrl, directory }: UsageStoreOptions): UsageOutbox | undefined {
  return databaseUrl === '' || directory === '' ? undefined : createUsageOutbox(directory)
}
