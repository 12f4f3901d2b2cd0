import { Command, CommanderError } from 'commander'
import { inspect } from 'node:util'
import { addCheck } from './check.js'
import { CommandFailure, type CommandContext } from './command-context.js'
import { addCompose } from './compose.js'
import { addDemo } from './demo.js'
import { addDocuments } from './documents.js'
import { addExplain } from './explain.js'
import { addKeys } from './keys.js'
import { addServe } from './serve.js'
import { addToken } from './token.js'
import { addUsage } from './usage.js'
import { ConfigError } from '../config/load.js'

/** Exit codes of every command (contract §1). */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const

/** Runs one command line and returns its exit code. Unknown flags and arguments are refused. */
export async function runCommandLine(args: readonly string[], context: CommandContext): Promise<number> {
  const program = createProgram(context)
  try {
    await program.parseAsync(args, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    return toExitCode(error, context)
  }
}

function createProgram(context: CommandContext): Command {
  const program = new Command('gatehouse')
    .description(
      'A GraphQL federation gateway and BFF server: one line of policy before any federated graph.',
    )
    .version(context.version)
    .exitOverride()
    .configureOutput({ writeOut: context.print, writeErr: context.printError })
    .showHelpAfterError('(add --help for what this command takes)')
  for (const add of [
    addDemo,
    addServe,
    addCompose,
    addCheck,
    addExplain,
    addToken,
    addKeys,
    addDocuments,
    addUsage,
  ]) {
    add(program, context).allowExcessArguments(false)
  }
  inheritSettings(program)
  return program
}

/** Commands that were added take over how errors and help are written, and so do theirs. */
function inheritSettings(parent: Command): void {
  for (const command of parent.commands) inheritSettings(command.copyInheritedSettings(parent))
}

function toExitCode(error: unknown, context: CommandContext): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (error instanceof CommandFailure || error instanceof ConfigError) {
    context.printError(`${error.message}\n`)
    return EXIT.failure
  }
  // Whatever else stops a command is shown as one line; the stack is for those who ask for it.
  const shown =
    error instanceof Error && context.environment['LOG_LEVEL'] !== 'debug' ? error.message : inspect(error)
  context.printError(`${shown}\n`)
  return EXIT.failure
}
