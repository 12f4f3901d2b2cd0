import type { Command } from 'commander'
import type { TrustedDocument } from '../documents/index.js'
import type { CommandContext, DocumentDesk, DocumentSources, Published } from './command-context.js'
import { describeDocument, tableOfDocuments } from './document-table.js'
import { requireConfig } from './find-config.js'

interface SourceFlags {
  readonly config?: string
  readonly clientName?: string
}

const EXAMPLES = `
Examples:
  $ gatehouse documents check persisted-query-manifest.json
  $ gatehouse documents publish persisted-query-manifest.json
  $ gatehouse documents publish src/operations --client-name web --prune
  $ gatehouse documents list

A source is a manifest in Apollo's or Relay's form, or a folder of .graphql files. Without one, list and check take
what the config names. Publishing adds: documents of older versions of an app stay until --prune.`

export function addDocuments(program: Command, context: CommandContext): Command {
  const documents = program
    .command('documents')
    .description('List, check and publish trusted documents.')
    .addHelpText('after', EXAMPLES)
  add(documents, 'list', '[sources...]', 'List trusted documents with their ids.')
    .option('--json', 'as JSON')
    .action((paths: readonly string[], flags: SourceFlags & { readonly json?: boolean }) =>
      list(paths, flags, context),
    )
  add(
    documents,
    'check',
    '[sources...]',
    'Check that documents fit the graph and the limits of the config.',
  ).action((paths: readonly string[], flags: SourceFlags) => check(paths, flags, context))
  add(documents, 'publish', '<sources...>', 'Check documents and hand them to the gateways.')
    .option('--prune', 'take away what the same clients no longer have', false)
    .action((paths: readonly string[], flags: SourceFlags & { readonly prune: boolean }) =>
      publish(paths, flags, context),
    )
  return documents
}

function add(documents: Command, name: string, sources: string, description: string): Command {
  return documents
    .command(name)
    .description(description)
    .argument(sources, 'manifest files and folders')
    .option('--config <file>', 'config file (default: GATEHOUSE_CONFIG, then gateway.yaml)')
    .option('--client-name <name>', 'for whom the ids are, where a manifest does not say it itself')
}

async function list(
  paths: readonly string[],
  flags: SourceFlags & { readonly json?: boolean },
  context: CommandContext,
): Promise<void> {
  const found = await atDesk(flags, context, (desk) => desk.list(toSources(paths, flags)))
  context.print(
    flags.json === true
      ? `${JSON.stringify(found.map(describeDocument), null, 2)}\n`
      : tableOfDocuments(found),
  )
}

async function check(paths: readonly string[], flags: SourceFlags, context: CommandContext): Promise<void> {
  const found = await atDesk(flags, context, (desk) => desk.check(toSources(paths, flags)))
  context.print(`✓ ${count(found)} ${found.length === 1 ? 'fits' : 'fit'} the graph.\n`)
}

async function publish(
  paths: readonly string[],
  flags: SourceFlags & { readonly prune: boolean },
  context: CommandContext,
): Promise<void> {
  const { prune } = flags
  const published = await atDesk(flags, context, (desk) => desk.publish(toSources(paths, flags), { prune }))
  for (const each of published) context.print(`${describePublished(each)}\n`)
}

function toSources(paths: readonly string[], { clientName }: SourceFlags): DocumentSources {
  return { paths, clientName }
}

function describePublished({ where, documents, added, kept, pruned }: Published): string {
  return `✓ Published to ${where}: ${count(documents)}, of which ${String(added)} new and ${String(kept)} from before; ${String(pruned)} pruned.`
}

function count(documents: readonly TrustedDocument[]): string {
  return documents.length === 1 ? '1 document' : `${String(documents.length)} documents`
}

async function atDesk<T>(
  { config }: SourceFlags,
  context: CommandContext,
  use: (desk: DocumentDesk) => Promise<T>,
): Promise<T> {
  return use(await context.openDocuments(await requireConfig(config, context)))
}
