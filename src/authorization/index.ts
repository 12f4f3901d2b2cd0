import type { Authorized, Resolved } from '../kernel/contexts.js'
import type { PolicySchema } from '../kernel/policy-schema.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Stage } from '../kernel/stage.js'
import type { Supergraph } from '../kernel/supergraph.js'
import { createAuthorize } from './authorize.js'
import { applyRequirements, watchPolicies } from './directive-rules.js'
import { createExplain, type ExplainedDecision } from './explain.js'
import { compileRequirements } from './field-requirements.js'
import type { LoadedRules } from './load-rules.js'
import type { AuthorizationOptions } from './options.js'
import { PossibleTypes } from './possible-types.js'
import { createRuleGate } from './rule-gate.js'
import { toVerdict } from './verdicts.js'
import { readRequirements } from './written-requirements.js'

export { loadShieldRules, type LoadedRules, type Policy } from './load-rules.js'
export { PolicyError } from './policy-error.js'
export { createPolicySchema } from './policy-schema.js'

export interface AuthorizationPorts {
  readonly policySchema: PolicySchema
  readonly supergraph: Supergraph
  readonly rules?: LoadedRules | undefined
  readonly logger: Logger
}

/** How much of a graph is guarded, for the log at boot and `gatehouse check`. */
export interface AuthorizationSummary {
  readonly fieldsGuardedByDirectives: number
  readonly fieldsGuardedByRules: number
  /** Names used by `@policy` that no function decides: they refuse everybody. */
  readonly undecidedPolicies: readonly string[]
}

export interface Authorization {
  readonly stage: Stage<Resolved, Authorized>
  /** What the stage decides about each field of an operation, and why. */
  readonly explain: (context: Resolved) => Promise<ExplainedDecision>
  readonly summary: () => AuthorizationSummary
}

/**
 * Builds the authorize stage of one generation from its supergraph's directives and the operator's shield rules.
 *
 * Raises PolicyError when either cannot be enforced as written; the generation must then not serve.
 */
export function createAuthorization(options: AuthorizationOptions, ports: AuthorizationPorts): Authorization {
  const { policySchema, supergraph, logger } = ports
  const { apiSchema } = supergraph
  const requirements = compileRequirements(supergraph, readRequirements(supergraph.sdl))
  const policies = watchPolicies(ports.rules?.policies ?? {}, logger)
  const shield = createRuleGate({
    tree: ports.rules?.permissions ?? {},
    apiSchema,
    guardedByDirective: (coordinate) => requirements.ofField.has(coordinate),
    fallback: options.fallback,
    ruleCache: options.ruleCache,
    logger,
  })
  const check = policySchema.check(
    (schema) => applyRequirements(shield.apply(schema), requirements, policies),
    toVerdict,
  )
  const sources = { apiSchema, types: new PossibleTypes(apiSchema), requirements, ruled: shield.guarded }
  const { contextPart } = shield
  const authorize = createAuthorize({ options, policySchema, check, sources, policies, contextPart, logger })
  const named = [...requirements.ofField.values()].flatMap((requirement) => requirement.policies.flat(2))
  const summary: AuthorizationSummary = {
    fieldsGuardedByDirectives: requirements.ofField.size,
    fieldsGuardedByRules: shield.guarded.size,
    undecidedPolicies: [...new Set(named)].filter((name) => !Object.hasOwn(policies, name)).sort(),
  }
  return {
    stage: authorize.stage,
    explain: createExplain({ sources, decide: authorize.decide, ruleOf: shield.nameOfRule }),
    summary: () => summary,
  }
}
