import { Argument, Option, type Command } from 'commander'
import type { PlanTier } from '../kernel/principal.js'
import type { ApiKeyRegister, IssuedApiKey, ListedApiKey } from '../identity/index.js'
import { CommandFailure, type CommandContext } from './command-context.js'
import { requireConfig } from './find-config.js'
import { describeKey, tableOfKeys } from './key-table.js'
import { toDays, toGraceSeconds, toWords } from './option-values.js'

interface ConfigFlag {
  readonly config?: string
}

interface CreateFlags extends ConfigFlag {
  readonly name: string
  readonly scopes: string
  readonly tenant?: string
  readonly plan: PlanTier
  readonly expiresInDays?: number
}

const DAY_SECONDS = 86_400

const EXAMPLES = `
Examples:
  $ gatehouse keys create --name "nightly export" --scopes "order:read" --expires-in-days 90
  $ gatehouse keys list
  $ gatehouse keys rotate 4Qc1Zs90TbXa --grace-seconds 3600
  $ gatehouse keys revoke 4Qc1Zs90TbXa

A key is sent as X-API-Key. It is printed once; only a keyed hash of it is stored.`

export function addKeys(program: Command, context: CommandContext): Command {
  const keys = program
    .command('keys')
    .description('Create, list, rotate and revoke API keys, in the store that the config names.')
    .addHelpText('after', EXAMPLES)
  const id = () => new Argument('<id>', 'id of the key, as lists and logs show it')
  addCreate(keys, context)
  add(keys, 'list', 'List all keys, without their secrets.')
    .option('--json', 'as JSON')
    .action((flags: ConfigFlag & { readonly json?: boolean }) => list(flags, context))
  add(keys, 'revoke', 'End a key: within seconds, every gateway refuses it.')
    .addArgument(id())
    .action((keyId: string, flags: ConfigFlag) => revoke(keyId, flags, context))
  add(keys, 'rotate', 'Give a key a new secret, and print it. Scopes, plan and expiry stay.')
    .addArgument(id())
    .option('--grace-seconds <seconds>', 'how long the old secret stays valid', toGraceSeconds, 0)
    .action((keyId: string, flags: ConfigFlag & { readonly graceSeconds: number }) =>
      rotate(keyId, flags, context),
    )
  for (const command of keys.commands) command.allowExcessArguments(false)
  return keys
}

function add(keys: Command, name: string, description: string): Command {
  return keys
    .command(name)
    .description(description)
    .option('--config <file>', 'config file (default: GATEHOUSE_CONFIG, then gateway.yaml)')
}

function addCreate(keys: Command, context: CommandContext): void {
  add(keys, 'create', 'Make a key and print it. Nobody can show it again.')
    .requiredOption('--name <name>', 'what it is for; shown in lists and logs')
    .option('--scopes <scopes>', 'scopes, separated by spaces', '')
    .option('--tenant <tenant>', 'tenant (default: identity.defaultTenant)')
    .addOption(new Option('--plan <plan>', 'plan').choices(['free', 'pro', 'enterprise']).default('free'))
    .option('--expires-in-days <days>', 'life in days (default: no end)', toDays)
    .action((flags: CreateFlags) => create(flags, context))
}

async function create(flags: CreateFlags, context: CommandContext): Promise<void> {
  const { name, plan, expiresInDays } = flags
  await withRegister(flags, context, async (register, defaultTenant) => {
    const issued = await register.create({
      ...{ name, plan, tenant: flags.tenant ?? defaultTenant, scopes: toWords(flags.scopes) },
      livesSeconds: expiresInDays === undefined ? undefined : expiresInDays * DAY_SECONDS,
    })
    show(issued, context)
  })
}

async function list(flags: ConfigFlag & { readonly json?: boolean }, context: CommandContext): Promise<void> {
  await withRegister(flags, context, async (register) => {
    const keys = await register.list()
    context.print(
      flags.json === true ? `${JSON.stringify(keys.map(describeKey), null, 2)}\n` : tableOfKeys(keys),
    )
  })
}

async function revoke(id: string, flags: ConfigFlag, context: CommandContext): Promise<void> {
  await withRegister(flags, context, async (register) => {
    const key = found(await register.revoke(id))
    context.print(`Revoked ${key.id} (${key.name}).\n`)
  })
}

async function rotate(
  id: string,
  flags: ConfigFlag & { readonly graceSeconds: number },
  context: CommandContext,
): Promise<void> {
  await withRegister(flags, context, async (register) => {
    show(found(await register.rotate(id, flags.graceSeconds)), context)
    const { graceSeconds } = flags
    context.printError(
      graceSeconds === 0
        ? 'The old secret is void.\n'
        : `The old secret stays valid for ${String(graceSeconds)} seconds.\n`,
    )
  })
}

/** The key alone on standard output, so that a script can take it from there. */
function show({ text, key }: IssuedApiKey, context: CommandContext): void {
  context.print(`${text}\n`)
  context.printError(`API key ${key.id} (${key.name}). This is the only time that it is shown.\n`)
}

function found<T extends ListedApiKey | IssuedApiKey>(result: T | undefined): T {
  if (result === undefined)
    throw new CommandFailure('There is no API key of this id; see `gatehouse keys list`.')
  return result
}

async function withRegister(
  flags: ConfigFlag,
  context: CommandContext,
  use: (register: ApiKeyRegister, defaultTenant: string) => Promise<void>,
): Promise<void> {
  const config = await requireConfig(flags.config, context)
  const register = await context.openApiKeys(config)
  if (register === undefined) {
    throw new CommandFailure(
      'The config keeps no API keys: set identity.apiKeys.databaseUrl or identity.apiKeys.directory.',
    )
  }
  try {
    await use(register, config.options.identity.defaultTenant)
  } finally {
    await register.close()
  }
}
