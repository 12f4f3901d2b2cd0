import type { Command } from 'commander'
import { resolve } from 'node:path'
import type { LoadedConfig } from '../config/load.js'
import { CommandFailure, type CommandContext } from './command-context.js'
import { configForSupergraph, findConfig } from './find-config.js'
import { toListenOverrides } from './listen.js'
import { toPort } from './option-values.js'

interface ServeFlags {
  readonly config?: string
  readonly supergraph?: string
  readonly host?: string
  readonly port?: number
  readonly adminPort?: number
}

export function addServe(program: Command, context: CommandContext): Command {
  return program
    .command('serve')
    .description(
      'Serve a federated graph. With --supergraph and no config file it serves any supergraph SDL.',
    )
    .option('--config <file>', 'config file (default: GATEHOUSE_CONFIG, then gateway.yaml)')
    .option('--supergraph <file>', 'supergraph SDL to serve instead of the configured source')
    .option('--host <host>', 'address to listen on')
    .option('--port <port>', 'port to listen on', toPort)
    .option('--admin-port <port>', 'port of the admin listener', toPort)
    .action((flags: ServeFlags) => serve(flags, context))
}

async function serve(flags: ServeFlags, context: CommandContext): Promise<void> {
  const overrides = toListenOverrides(flags, context.environment)
  const gateway = await context.startGateway(await chooseConfig(flags, context), overrides)
  context.print(`Gatehouse serves ${gateway.url}/graphql\n`)
  if (gateway.adminUrl !== undefined) context.print(`Admin listener on ${gateway.adminUrl}\n`)
  await context.stopRequested
  await gateway.stop()
}

async function chooseConfig(flags: ServeFlags, context: CommandContext): Promise<LoadedConfig> {
  if (flags.supergraph === undefined) {
    const config = await findConfig(flags.config, context)
    if (config === undefined)
      throw new CommandFailure('Nothing to serve: give --supergraph FILE or --config FILE.')
    return config
  }
  const file = resolve(flags.supergraph)
  // A gateway.yaml that merely lies here does not apply to another supergraph; one that is named does.
  if (flags.config === undefined) return configForSupergraph(file, context)
  const config = await findConfig(flags.config, context)
  if (config === undefined) throw new CommandFailure('The config could not be found.')
  return withSupergraph(config, file)
}

/** The config with another supergraph than it names, now and whenever it is read again. */
function withSupergraph(config: LoadedConfig, file: string): LoadedConfig {
  const { watch, pollIntervalSeconds, fetchTimeoutSeconds } = config.options.supergraph
  const supergraph = { file, watch, pollIntervalSeconds, fetchTimeoutSeconds }
  const { reread } = config
  return {
    ...config,
    options: { ...config.options, supergraph },
    ...(reread && { reread: async () => withSupergraph(await reread(), file) }),
  }
}
