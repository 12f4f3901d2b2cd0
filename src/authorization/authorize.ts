import { conditionKey } from '../kernel/condition-variables.js'
import type { Authorized, Resolved } from '../kernel/contexts.js'
import type { Denial } from '../kernel/denial.js'
import type { OperationRecord } from '../kernel/operation.js'
import type { PolicyCheck, PolicyContext, PolicySchema } from '../kernel/policy-schema.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { Stage } from '../kernel/stage.js'
import { arePoliciesMet, type Policies } from './directive-rules.js'
import { isAbove } from './key-path.js'
import {
  guardedTypenames,
  readOperationFacts,
  type Decision,
  type OperationFacts,
  type PolicySources,
} from './operation-facts.js'
import type { AuthorizationOptions } from './options.js'
import { refuseOperation } from './refuse-operation.js'
import { isHeldBy } from './requirement.js'
import type { RuleGate, ShieldPart } from './rule-gate.js'
import { UNAUTHORIZED } from './verdicts.js'

export interface AuthorizeParts {
  readonly options: AuthorizationOptions
  readonly policySchema: PolicySchema
  readonly check: PolicyCheck
  readonly sources: PolicySources
  readonly policies: Policies
  readonly shieldPart: RuleGate['shieldPart']
  /** Gets an operation ready for rules that are asked after the fetch. */
  readonly prepare: (context: Authorized) => Authorized
  readonly logger: Logger
  readonly metrics: Metrics
}

export interface Authorize {
  readonly stage: Stage<Resolved, Authorized>
  /** What the stage decides from, before the options say what follows. */
  readonly decide: (context: Resolved) => Promise<Decision>
}

/**
 * The authorize stage: leaves refused fields out of what may be asked of subgraphs (design promise 1).
 *
 * Answers without waiting where nothing is guarded or every requirement is met; remembers what directives alone
 * decide; asks the policy schema otherwise. A fault while asking is thrown: it never counts as consent.
 */
export function createAuthorize(parts: AuthorizeParts): Authorize {
  const known = new WeakMap<OperationRecord, OperationFacts>()
  const factsOf = (operation: OperationRecord): OperationFacts => {
    const facts = known.get(operation) ?? readOperationFacts(operation, parts.sources)
    known.set(operation, facts)
    return facts
  }
  const stage: Stage<Resolved, Authorized> = {
    name: 'authorize',
    run: (context) => {
      const facts = factsOf(context.operation)
      if (facts.asksRules) {
        return decide(parts, facts, context).then((decision) => conclude(parts, context, decision))
      }
      const held = facts.requirements.map((one) => isHeldBy(one, context.principal))
      if (held.every(Boolean)) {
        return parts.prepare({ ...context, denials: NOTHING_DENIED, permitted: context.operation })
      }
      const key = circumstances(facts, held, context)
      const decided = facts.decisions.get(key)
      if (decided) return conclude(parts, context, decided)
      return decide(parts, facts, context).then((decision) => {
        facts.decisions.set(key, decision)
        return conclude(parts, context, decision)
      })
    },
  }
  return { stage, decide: (context) => decide(parts, factsOf(context.operation), context) }
}

const NOTHING_DENIED: readonly Denial[] = []

/** Everything on which the decision depends, beside the operation, when no function is asked. */
function circumstances(facts: OperationFacts, held: readonly boolean[], { variables }: Resolved): string {
  return held.map(Number).join('') + conditionKey(facts.conditionVariables, variables)
}

/** What rules find as their context. */
export function policyContext(
  { principal, requestId, client }: Pick<Resolved, 'principal' | 'requestId' | 'client'>,
  shieldPart: ShieldPart,
): PolicyContext & { readonly _shield: ShieldPart } {
  // As the documentation of graphql-shield has it: nobody is null.
  const user = principal.kind === 'anonymous' ? null : { id: principal.userId, ...principal }
  const { name, version } = client
  return { principal, requestId, user, client: { name, version }, _shield: shieldPart }
}

async function decide(parts: AuthorizeParts, facts: OperationFacts, context: Resolved): Promise<Decision> {
  const { operation, variables } = context
  const about = policyContext(context, parts.shieldPart())
  const asked = await parts.check.ask(operation, variables, about)
  const typenames = facts.namesGuardedTypes ? await refusedTypenames(parts, context, asked) : []
  const denials = [...asked, ...typenames]
  return { denials, permitted: parts.policySchema.prune(operation, denials) }
}

async function refusedTypenames(
  parts: AuthorizeParts,
  { operation, variables, principal }: Resolved,
  asked: readonly Denial[],
): Promise<readonly Denial[]> {
  const denials: Denial[] = []
  for (const { path, typeName } of guardedTypenames(operation, parts.sources, variables)) {
    const requirement = parts.sources.requirements.ofType.get(typeName)
    if (!requirement || asked.some((denial) => isAbove(denial.path, path))) continue
    const met =
      isHeldBy(requirement, principal) && (await arePoliciesMet(requirement, principal, parts.policies))
    if (met) continue
    const coordinate = `${typeName}.__typename`
    denials.push({ ...UNAUTHORIZED, path, parentTypes: new Set([typeName]), coordinate })
  }
  return denials
}

function conclude(parts: AuthorizeParts, context: Resolved, decision: Decision): Authorized {
  const { options } = parts
  const { denials, permitted } = decision
  if (denials.length === 0) return parts.prepare({ ...context, denials, permitted })
  if (options.dryRun) {
    reportDryRun(parts, context, denials)
    return parts.prepare({ ...context, denials: NOTHING_DENIED, permitted: context.operation })
  }
  const isMutation = context.operation.type === 'mutation'
  if (options.mode === 'reject' || (isMutation && options.onMutationDenied === 'reject')) {
    throw refuseOperation(denials, parts.sources.requirements, context.principal)
  }
  return parts.prepare({ ...context, denials, permitted })
}

function reportDryRun(
  { logger, metrics }: AuthorizeParts,
  { requestId, operation }: Resolved,
  denials: readonly Denial[],
): void {
  for (const { code } of denials) metrics.countDryRunRefusal(code)
  const refused = denials.map(({ path, coordinate, code }) => ({ path: path.join('.'), coordinate, code }))
  logger.warn({ requestId, operation: operation.name, refused }, 'Dry run: these fields would be refused.')
}
