import type { Command } from 'commander'
import { CommandFailure, type CommandContext } from './command-context.js'
import { requireConfig } from './find-config.js'

export function addCheck(program: Command, context: CommandContext): Command {
  return program
    .command('check')
    .description('Validate config, supergraph, rules, stored operations and BFF endpoints together.')
    .option('--config <file>', 'config file (default: GATEHOUSE_CONFIG, then gateway.yaml)')
    .action(async (flags: { readonly config?: string }) => {
      const config = await requireConfig(flags.config, context)
      const findings = await context.checkGateway(config)
      if (findings.length > 0) {
        throw new CommandFailure(
          `${findings.map((finding) => `✗ ${finding}`).join('\n')}\n${String(findings.length)} finding(s).`,
        )
      }
      context.print('✓ Config, supergraph, rules, stored operations and endpoints fit together.\n')
    })
}
