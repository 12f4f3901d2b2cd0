import { InvalidArgumentError, Option, type Command } from 'commander'
import { toFirstDay, toLastDay, writeUsageCsv, type UsageLine, type UsagePeriod } from '../usage/index.js'
import { CommandFailure, type CommandContext } from './command-context.js'
import { requireConfig } from './find-config.js'
import { tableOfUsage } from './usage-table.js'

interface UsageFlags {
  readonly config?: string
  readonly tenant?: string
  readonly from?: string
  readonly to?: string
  readonly by: UsagePeriod
  readonly operations?: boolean
  readonly json?: boolean
  readonly csv?: boolean
}

const EXAMPLES = `
Examples:
  $ gatehouse usage
  $ gatehouse usage --tenant acme --from 2026-11 --to 2026-11 --by month
  $ gatehouse usage --from 2026-11-01 --csv > november.csv

Days are those of UTC. A running gateway writes what it counts every few seconds (usage.flushIntervalMs).`

export function addUsage(program: Command, context: CommandContext): Command {
  const command = program
    .command('usage')
    .description('Show what tenants have used, from the store that the config names.')
    .option('--config <file>', 'config file (default: GATEHOUSE_CONFIG, then gateway.yaml)')
    .option('--tenant <tenant>', 'of one tenant (default: of all)')
    .option(
      '--from <day>',
      'first day or month, such as 2026-11-27 or 2026-11 (default: this month, or that of --to)',
      day(toFirstDay),
    )
    .option('--to <day>', 'last day or month (default: the last there is)', day(toLastDay))
    .addOption(new Option('--by <period>', 'period of a line').choices(['day', 'month']).default('day'))
    .option('--operations', 'a line for each operation; --json and --csv always have them')
    .addOption(new Option('--json', 'as JSON').conflicts('csv'))
    .option('--csv', 'as CSV')
    .addHelpText('after', EXAMPLES)
  return command.action(async (flags: UsageFlags) => {
    const { from, to } = flags
    if (from !== undefined && to !== undefined && to < from)
      command.error("error: '--to' is before '--from'.")
    context.print(write(await read(flags, context), flags))
  })
}

async function read(flags: UsageFlags, context: CommandContext): Promise<readonly UsageLine[]> {
  const reports = await context.openUsage(await requireConfig(flags.config, context))
  if (reports === undefined) {
    throw new CommandFailure(
      'The config keeps no usage: set usage.databaseUrl or usage.directory. A gateway without them shows its own at GET /usage of the admin listener.',
    )
  }
  try {
    return await reports.lines(flags)
  } finally {
    await reports.close()
  }
}

function write(lines: readonly UsageLine[], { json, csv, operations }: UsageFlags): string {
  if (json === true) return `${JSON.stringify(lines, null, 2)}\n`
  return csv === true ? writeUsageCsv(lines) : tableOfUsage(lines, operations ?? false)
}

function day(read: (text: string) => string | undefined): (text: string) => string {
  return (text) => {
    const found = read(text)
    if (found === undefined)
      throw new InvalidArgumentError('It must be a day such as 2026-11-27, or a month such as 2026-11.')
    return found
  }
}
