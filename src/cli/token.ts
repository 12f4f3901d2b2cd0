import type { Command } from 'commander'
import { ensureDevelopmentIssuer } from '../identity/index.js'
import { CommandFailure, type CommandContext } from './command-context.js'
import { developmentIssuerDirectory } from './data-directory.js'
import { toSeconds, toWords } from './option-values.js'

interface TokenFlags {
  readonly user: string
  readonly scopes: string
  readonly tenant: string
  readonly plan: string
  readonly roles: string
  readonly ttl: number
}

export function addToken(program: Command, context: CommandContext): Command {
  return program
    .command('token')
    .description('Print a development token. Refused when NODE_ENV is production.')
    .requiredOption('--user <id>', 'subject of the token')
    .option('--scopes <scopes>', 'scopes, separated by spaces', '')
    .option('--tenant <tenant>', 'tenant', 'acme')
    .option('--plan <plan>', 'free, pro or enterprise', 'free')
    .option('--roles <roles>', 'roles, separated by spaces', '')
    .option('--ttl <seconds>', 'life in seconds, at most a day', toSeconds, 3600)
    .action((flags: TokenFlags) => printToken(flags, context))
}

async function printToken(flags: TokenFlags, context: CommandContext): Promise<void> {
  if (context.environment['NODE_ENV'] === 'production') {
    throw new CommandFailure('Development tokens are refused when NODE_ENV is production.')
  }
  const issuer = await ensureDevelopmentIssuer(developmentIssuerDirectory(context))
  const token = await issuer.issueToken(
    {
      userId: flags.user,
      tenant: flags.tenant,
      plan: flags.plan,
      scopes: toWords(flags.scopes),
      roles: toWords(flags.roles),
    },
    flags.ttl,
  )
  context.print(`${token}\n`)
}
