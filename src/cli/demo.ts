import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDevelopmentIssuer, type DevelopmentIssuer } from '../identity/index.js'
import { loadConfigFile, type LoadedConfig } from '../config/load.js'
import { printBanner, type BannerFacts } from './banner.js'
import {
  CommandFailure,
  type CommandContext,
  type ListenOverrides,
  type RunningGateway,
} from './command-context.js'
import { readDemoPlan, type DemoPlan } from './demo-plan.js'
import { dataDirectory, developmentIssuerDirectory } from './data-directory.js'
import { assertPortIsFree, toListenOverrides } from './listen.js'
import { toPort } from './option-values.js'
import { startSubgraphProcess, type SubgraphProcess } from './subgraph-process.js'

interface DemoFlags {
  readonly config?: string
  readonly host?: string
  readonly port?: number
  readonly adminPort?: number
}

/** Development tokens of the banner live half a day: longer than a look around, shorter than a leak matters. */
const BANNER_TOKEN_SECONDS = 12 * 3600

export function addDemo(program: Command, context: CommandContext): Command {
  return program
    .command('demo')
    .description('Start the three reference subgraphs and the gateway, and print what to try.')
    .option('--config <file>', 'config file (default: the gateway.yaml of this package)')
    .option('--host <host>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <port>', 'port of the gateway', toPort)
    .option('--admin-port <port>', 'port of the admin listener', toPort)
    .action((flags: DemoFlags) => demo(flags, context))
}

async function demo(flags: DemoFlags, context: CommandContext): Promise<void> {
  if (context.environment['NODE_ENV'] === 'production') {
    throw new CommandFailure(
      'The demo hands out development tokens; it does not run with NODE_ENV=production.',
    )
  }
  const issuer = await ensureDevelopmentIssuer(developmentIssuerDirectory(context))
  const plan = await readDemoPlan(join(context.packageDirectory, 'subgraphs', 'demo.yaml'))
  const config = await loadConfigFile(
    flags.config ?? context.environment['GATEHOUSE_CONFIG'] ?? join(context.packageDirectory, 'gateway.yaml'),
    // The access log would bury the banner; LOG_LEVEL=info brings it back.
    {
      LOG_LEVEL: 'warn',
      OPERATOR_SCOPE: plan.operatorScope,
      ...context.environment,
      GATEHOUSE_DATA_DIR: dataDirectory(context),
    },
  )
  const overrides = { host: '127.0.0.1', ...toListenOverrides(flags, context.environment) }
  await assertPortsAreFree(config, overrides)
  const subgraphs = launchSubgraphs(plan, context)
  try {
    const preparing = Promise.all(subgraphs.map(({ ready }) => ready))
    const urls = await Promise.race([preparing, context.stopRequested])
    if (urls === undefined) return
    const gateway = await context.startGateway(config, overrides)
    const addresses = subgraphs.map(({ name }, index) => ({ name, url: urls[index] ?? '' }))
    await showBanner(plan, issuer, gateway, addresses, context)
    await context.stopRequested
    context.print('\nStopping …\n')
    await gateway.stop()
  } finally {
    await Promise.all(subgraphs.map((subgraph) => subgraph.stop()))
  }
}

/** Asked first: preparing the databases takes seconds, and a taken port is the likeliest reason not to start. */
async function assertPortsAreFree(
  { options: { server, admin } }: LoadedConfig,
  { host, port, adminPort }: ListenOverrides & { readonly host: string },
): Promise<void> {
  await assertPortIsFree({ host, port: port ?? server.port }, 'PORT')
  if (admin.enabled) await assertPortIsFree({ host: admin.host, port: adminPort ?? admin.port }, 'ADMIN_PORT')
}

/** Starts all subgraphs side by side. */
function launchSubgraphs(plan: DemoPlan, context: CommandContext): readonly SubgraphProcess[] {
  const compiled = join(context.packageDirectory, 'dist', 'subgraphs')
  if (!existsSync(compiled))
    throw new CommandFailure('Not built yet: run `npm start`, or `npm run build` first.')
  return plan.subgraphs.map((subgraph) =>
    startSubgraphProcess({
      name: subgraph.name,
      modulePath: join(compiled, subgraph.module),
      environment: {
        LOG_LEVEL: 'warn',
        ...context.environment,
        GATEHOUSE_DATA_DIR: dataDirectory(context),
        [subgraph.portVariable]: context.environment[subgraph.portVariable] || String(subgraph.port),
        // The gateway's: the subgraphs believe a secret that everybody knows, so nobody else may reach them.
        HOST: undefined,
      },
      onProgress: (message) => context.print(`  ${subgraph.name}: ${message}\n`),
      onUnexpectedExit: (name) =>
        context.printError(`The ${name} subgraph has ended; the gateway goes on without it.\n`),
    }),
  )
}

async function showBanner(
  plan: DemoPlan,
  issuer: DevelopmentIssuer,
  gateway: RunningGateway,
  subgraphs: BannerFacts['subgraphs'],
  context: CommandContext,
): Promise<void> {
  const tokenFor = (caller: DemoPlan['admin'] & { readonly email?: string }) =>
    issuer.issueToken(
      {
        userId: caller.id,
        tenant: caller.tenant,
        plan: caller.plan,
        scopes: caller.scopes,
        ...(caller.email === undefined ? {} : { email: caller.email }),
      },
      BANNER_TOKEN_SECONDS,
    )
  printBanner({
    print: context.print,
    gateway,
    subgraphs,
    userToken: await tokenFor(plan.user),
    adminToken: await tokenFor(plan.admin),
    tries: plan.tries,
    databaseDescription:
      (context.environment['DATABASE_URL'] ?? '') === ''
        ? `embedded PGlite in ${dataDirectory(context)}`
        : 'PostgreSQL by DATABASE_URL',
  })
}
