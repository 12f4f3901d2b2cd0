import type { Command } from 'commander'
import { CommandFailure, type CommandContext } from './command-context.js'
import { writeWhole } from './write-whole.js'

interface ComposeFlags {
  readonly config: string
  readonly out?: string
}

export function addCompose(program: Command, context: CommandContext): Command {
  return program
    .command('compose')
    .description("Compose subgraph schemas into a supergraph (input: Rover's supergraph.yaml).")
    .option('--config <file>', 'composition config', 'schema/supergraph.yaml')
    .option('--out <file>', 'where to write the supergraph SDL (default: standard output)')
    .action((flags: ComposeFlags) => compose(flags, context))
}

async function compose(flags: ComposeFlags, context: CommandContext): Promise<void> {
  const { composeFromConfig, printFinding } = await import('../federation/index.js')
  const composed = await composeFromConfig(flags.config)
  if (!composed.ok) {
    throw new CommandFailure(
      `Composition failed:\n${composed.errors.map((error) => `✗ ${printFinding(error)}`).join('\n')}`,
    )
  }
  for (const hint of composed.hints) context.printError(`hint ${printFinding(hint)}\n`)
  if (flags.out === undefined) {
    context.print(composed.sdl)
    return
  }
  await writeWhole(flags.out, composed.sdl)
  context.printError(`Wrote ${flags.out}\n`)
}
