import { withAbsolutePaths } from './config/absolute-paths.js'
import type { LoadedConfig } from './config/load.js'
import { createLastingUsageStore } from './infra/usage-store.js'
import { SYSTEM_CLOCK } from './kernel/ports/clock.js'
import { SILENT_LOGGER } from './kernel/ports/logger.js'
import { createUsageReports, type UsageReports } from './usage/index.js'

/**
 * Opens the usage of a config for the command line; undefined where the config keeps none outside the process.
 *
 * Only the store: gateways may be running or not.
 */
export function openUsage(config: LoadedConfig): UsageReports | undefined {
  const { usage } = withAbsolutePaths(config)
  const store = createLastingUsageStore(usage, SILENT_LOGGER)
  return store && createUsageReports(store, SYSTEM_CLOCK)
}
