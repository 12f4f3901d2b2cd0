import type { z } from 'zod'
import { readEnvironment } from './environment.js'
import { validateConfig, type LoadedConfig } from './load.js'
import type { gatewayOptions } from './schema.js'

/** Makes a config in code: the same keys, defaults and checks as `gateway.yaml`. Raises ConfigError. */
export function defineConfig(
  written: z.input<typeof gatewayOptions>,
  baseDirectory: string = process.cwd(),
): LoadedConfig {
  return { options: validateConfig(written, readEnvironment()), baseDirectory, file: undefined }
}
