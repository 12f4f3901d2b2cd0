import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Explanation, FieldExplanation } from '../kernel/explanation.js'
import { GatewayError } from '../kernel/gateway-error.js'
import { isRecord } from '../kernel/is-record.js'
import type { JsonObject } from '../kernel/json.js'
import { printQueryPlan } from '../kernel/print-query-plan.js'
import { CommandFailure, type CommandContext } from './command-context.js'
import { configForSupergraph, requireConfig } from './find-config.js'

interface ExplainFlags {
  readonly config?: string
  readonly supergraph?: string
  readonly token?: string
  readonly apiKey?: string
  readonly clientName?: string
  readonly clientVersion?: string
  readonly operation?: string
  readonly variables?: JsonObject
  readonly json?: boolean
}

export function addExplain(program: Command, context: CommandContext): Command {
  return program
    .command('explain')
    .description('Say why a caller gets what he gets of an operation: needs, decisions, query plan.')
    .argument('<file>', 'file with the operation')
    .option('--token <token>', 'the caller; without it and a key, one without a credential')
    .option('--api-key <key>', 'the caller, by an API key')
    .option('--client-name <name>', 'what the client says that it is')
    .option('--client-version <version>', 'and its version')
    .option('--operation <name>', 'which operation, where the file has several')
    .option('--variables <json>', 'variables of the operation', toObject)
    .option('--config <file>', 'config file (default: GATEHOUSE_CONFIG, then gateway.yaml)')
    .option('--supergraph <file>', 'a supergraph, where there is no config')
    .option('--json', 'everything as JSON')
    .action((file: string, flags: ExplainFlags) => explain(file, flags, context))
}

async function explain(file: string, flags: ExplainFlags, context: CommandContext): Promise<void> {
  const { config, supergraph, operation, variables, json } = flags
  const { token, apiKey, clientName, clientVersion } = flags
  const loaded =
    supergraph !== undefined && config === undefined
      ? configForSupergraph(supergraph, context)
      : await requireConfig(config, context)
  const query = readOperation(file)
  const asked = { query, operationName: operation, variables, token, apiKey, clientName, clientVersion }
  const explanation = await context.explain(loaded, asked).catch(refuse)
  context.print(json === true ? `${JSON.stringify(explanation, null, 2)}\n` : toText(explanation))
}

function readOperation(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new CommandFailure(`${file} cannot be read.`)
  }
}

/** The request as a whole would be refused: that is the explanation. */
function refuse(error: unknown): never {
  if (!(error instanceof GatewayError)) throw error
  const details = (error.details ?? []).map(({ message }) => `\n  ${message}`).join('')
  throw new CommandFailure(`Refused with ${error.code}: ${error.message}${details}`)
}

const OUTCOMES: Readonly<Record<Explanation['outcome'], string>> = {
  runs: 'It runs.',
  'runs-in-part': 'It runs without the refused fields: they are null, each with an error.',
  refused: 'It is refused as a whole: FORBIDDEN.',
}

function toText(explanation: Explanation): string {
  const { operation, caller, fields, outcome, queryPlan } = explanation
  const held = caller.scopes.length === 0 ? 'no scopes' : `scopes ${caller.scopes.join(' ')}`
  const { cost } = explanation
  const roles = caller.roles.length === 0 ? '' : `, roles ${caller.roles.join(' ')}`
  return [
    `${operation.type} ${operation.name ?? '(without a name)'}`,
    `Caller: ${caller.user ?? caller.kind} of ${caller.tenant}, plan ${caller.plan}, ${held}${roles}`,
    '',
    ...fields.map(toLine),
    '',
    ...(cost === undefined ? [] : [costLine(cost)]),
    isTooExpensive(cost) ? 'It is refused as a whole: COST_ESTIMATED_TOO_EXPENSIVE.' : OUTCOMES[outcome],
    '',
    printQueryPlan(queryPlan),
    '',
  ].join('\n')
}

type ExplainedCost = NonNullable<Explanation['cost']>

function costLine({ estimated, maximum, mode }: ExplainedCost): string {
  const measured = mode === 'measure' ? ', only measured' : ''
  return `Cost: estimated ${estimated}, at most ${maximum} for this caller${measured}.`
}

function isTooExpensive(cost: ExplainedCost | undefined): boolean {
  return cost?.mode === 'enforce' && cost.estimated > cost.maximum
}

const SIGNS: Readonly<Record<FieldExplanation['decision'], string>> = {
  allowed: '✓',
  refused: '✗',
  'left-out': '·',
  'after-fetch': '?',
}

function toLine(field: FieldExplanation): string {
  const { rateLimit } = field
  const limit = rateLimit === undefined ? '' : `; ${limitText(rateLimit)}`
  return `${SIGNS[field.decision]} ${field.path}  (${field.coordinate})  ${reasonOf(field)}${limit}`
}

function limitText(rateLimit: NonNullable<FieldExplanation['rateLimit']>): string {
  const { limit, seconds, keyArguments = [], weightBy } = rateLimit
  const apart = keyArguments.length === 0 ? '' : ` for each ${keyArguments.map(toName).join(' and ')}`
  const weighted = weightBy === undefined ? '' : `, counted by ${toName(weightBy)}`
  return `at most ${limit} times in ${seconds} s${apart}${weighted}`
}

function toName(path: readonly string[]): string {
  return path.join('.')
}

function reasonOf({ needs, decision, missing, code }: FieldExplanation): string {
  const wanted = needs.length === 0 ? 'free' : `needs ${needs.join(' and ')}`
  switch (decision) {
    case 'allowed':
      return wanted
    case 'refused':
      return `${wanted}; lacks ${missing.join(' and ')}: ${code ?? ''}`
    case 'left-out':
      return 'below a refused field'
    case 'after-fetch':
      return `${wanted}, which is asked about each object that comes`
  }
}

function toObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    if (isRecord(value)) return value as JsonObject
  } catch {
    // Said below, as for any other wrong value.
  }
  throw new CommandFailure('--variables must be a JSON object.')
}
