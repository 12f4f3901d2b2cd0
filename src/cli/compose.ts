import type { Command } from 'commander'
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { CommandFailure, type CommandContext } from './command-context.js'

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

/** A gateway may be watching the file: it finds the old text or the new one, never a part. */
async function writeWhole(file: string, text: string): Promise<void> {
  const existing = await stat(file).catch(() => undefined)
  // A pipe or a terminal cannot be replaced.
  if (existing !== undefined && !existing.isFile()) return writeFile(file, text)
  const target = existing === undefined ? file : await realpath(file)
  const draft = `${target}.${String(process.pid)}.partial`
  try {
    await writeFile(draft, text)
    await rename(draft, target)
  } finally {
    await rm(draft, { force: true })
  }
}
