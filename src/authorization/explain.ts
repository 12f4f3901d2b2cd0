import type { Authorized, Resolved } from '../kernel/contexts.js'
import type { Denial } from '../kernel/denial.js'
import type { FieldExplanation } from '../kernel/explanation.js'
import type { Principal } from '../kernel/principal.js'
import { isAbove, isSamePath } from './key-path.js'
import type { Decision, PolicySources } from './operation-facts.js'
import { eachOccurrence } from './occurrences.js'
import { meets, NO_REQUIREMENT, type AnyOfAll, type Requirement } from './requirement.js'

/** What was decided about an operation, field by field; nothing is counted, logged as refused or fetched. */
export interface ExplainedDecision extends Decision {
  readonly fields: readonly FieldExplanation[]
}

export interface ExplainParts {
  readonly sources: PolicySources
  /** The decision of the authorize stage itself, so that what is explained is what happens. */
  readonly decide: (context: Resolved) => Promise<Decision>
  /** Adds what rules read that are asked after the fetch. */
  readonly prepare: (context: Authorized) => Authorized
  /** How the operator calls the shield rule of a field; undefined where there is none. */
  readonly ruleOf: (coordinate: string) => string | undefined
  readonly isJudgedLater: (coordinate: string) => boolean
}

/** Makes the explanation of decisions: what each field needs, what of it the caller lacks, what follows. */
export function createExplain(parts: ExplainParts): (context: Resolved) => Promise<ExplainedDecision> {
  return async (context) => {
    const decision = await parts.decide(context)
    const { permitted } = parts.prepare({ ...context, ...decision })
    return { ...decision, permitted, fields: explainFields(parts, context, decision.denials) }
  }
}

function explainFields(
  { sources, ruleOf, isJudgedLater }: ExplainParts,
  { operation, variables, principal }: Resolved,
  denials: readonly Denial[],
): readonly FieldExplanation[] {
  const fields = new Map<string, FieldExplanation>()
  const { apiSchema, types, requirements } = sources
  eachOccurrence(
    apiSchema,
    types,
    operation,
    ({ node, path, parentTypes }) => {
      for (const typeName of parentTypes) {
        const coordinate = `${typeName}.${node.name.value}`
        const requirement = requirementOf(requirements, typeName, node.name.value)
        const rule = ruleOf(coordinate)
        const denial = denials.find((one) => one.parentTypes.has(typeName) && isSamePath(one.path, path))
        const isBelow = denials.some((one) => isAbove(one.path, path))
        const lacking = lacks(requirement, principal)
        const written = path.join('.')
        fields.set(`${written} ${coordinate}`, {
          path: written,
          coordinate,
          needs: [...inWords(requirement), ...(rule === undefined ? [] : [`rule ${rule}`])],
          decision: decisionOf(denial !== undefined, isBelow, isJudgedLater(coordinate)),
          missing: denial === undefined ? [] : blame(lacking, requirement, rule),
          ...(denial === undefined ? {} : { code: denial.code }),
        })
      }
    },
    variables,
  )
  return [...fields.values()]
}

function decisionOf(isRefused: boolean, isBelow: boolean, isLater: boolean): FieldExplanation['decision'] {
  if (isRefused) return 'refused'
  if (isBelow) return 'left-out'
  return isLater ? 'after-fetch' : 'allowed'
}

/** `__typename` needs what its object needs. */
function requirementOf(
  { ofField, ofType }: PolicySources['requirements'],
  typeName: string,
  field: string,
): Requirement {
  const requirement = field === '__typename' ? ofType.get(typeName) : ofField.get(`${typeName}.${field}`)
  return requirement ?? NO_REQUIREMENT
}

function inWords({ authenticated, scopes, policies }: Requirement): readonly string[] {
  return [
    ...(authenticated ? [SIGNED_IN] : []),
    ...scopes.map(scopesInWords),
    ...policies.map((anyOf) => `policy ${alternatives(anyOf)}`),
  ]
}

const SIGNED_IN = 'a signed-in caller'

function scopesInWords(anyOf: AnyOfAll): string {
  return anyOf.length === 0 ? 'a scope that nobody has' : `scope ${alternatives(anyOf)}`
}

function alternatives(anyOf: AnyOfAll): string {
  return anyOf.map((all) => all.join(' + ')).join(' or ')
}

function lacks({ authenticated, scopes }: Requirement, principal: Principal): readonly string[] {
  return [
    ...(authenticated && principal.kind === 'anonymous' ? [SIGNED_IN] : []),
    ...scopes.filter((anyOf) => !meets(anyOf, (scope) => principal.scopes.has(scope))).map(scopesInWords),
  ]
}

/** What is held is known; of what is left, a policy or a rule must have said no. */
function blame(
  lacking: readonly string[],
  { policies }: Requirement,
  rule: string | undefined,
): readonly string[] {
  if (lacking.length > 0) return lacking
  return [
    ...policies.map((anyOf) => `policy ${alternatives(anyOf)}`),
    ...(rule === undefined ? [] : [`rule ${rule}`]),
  ]
}
