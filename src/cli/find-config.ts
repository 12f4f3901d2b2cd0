import { existsSync } from 'node:fs'
import { loadConfigFile, validateConfig, type LoadedConfig } from '../config/load.js'
import { CommandFailure, type CommandContext } from './command-context.js'

const DEFAULT_FILE = 'gateway.yaml'

/** Finds the config: the flag, then GATEHOUSE_CONFIG, then `gateway.yaml` in this folder. */
export async function findConfig(
  flag: string | undefined,
  context: CommandContext,
): Promise<LoadedConfig | undefined> {
  const named = flag ?? context.environment['GATEHOUSE_CONFIG']
  if (named !== undefined && named !== '') return loadConfigFile(named, context.environment)
  return existsSync(DEFAULT_FILE) ? loadConfigFile(DEFAULT_FILE, context.environment) : undefined
}

/** Like {@link findConfig}, for commands that cannot do without one. */
export async function requireConfig(
  flag: string | undefined,
  context: CommandContext,
): Promise<LoadedConfig> {
  const config = await findConfig(flag, context)
  if (config === undefined)
    throw new CommandFailure(`No config: give --config FILE, or put a ${DEFAULT_FILE} here.`)
  return config
}

/**
 * The config of `serve --supergraph FILE` without a config file: any graph, anonymous callers, no request
 * limit and no cache, with the safe defaults of everything else (contract §1).
 */
export function configForSupergraph(file: string, context: CommandContext): LoadedConfig {
  const written = {
    supergraph: { file },
    limits: { requests: { enabled: false } },
    cache: { enabled: false },
    redis: { url: '${env.REDIS_URL:-}' },
    log: { level: '${env.LOG_LEVEL:-info}' },
  }
  return {
    options: validateConfig(written, context.environment),
    baseDirectory: process.cwd(),
    file: undefined,
  }
}
