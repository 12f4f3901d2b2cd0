import type { GraphQLSchema } from 'graphql'
import type { Authorized, Resolved } from '../kernel/contexts.js'
import type { PolicySchema } from '../kernel/policy-schema.js'
import type { Logger } from '../kernel/ports/logger.js'
import { NO_METRICS, type Metrics } from '../kernel/ports/metrics.js'
import type { Stage } from '../kernel/stage.js'
import type { Supergraph } from '../kernel/supergraph.js'
import { TimeLimits } from '../kernel/time-limits.js'
import { createAfterFetch, type AfterFetch } from './after-fetch/after-fetch.js'
import { createAuthorize, policyContext } from './authorize.js'
import { applyRequirements, watchPolicies } from './directive-rules.js'
import { createExplain, type ExplainedDecision } from './explain.js'
import { compileRequirements } from './field-requirements.js'
import type { LoadedRules } from './load-rules.js'
import type { AuthorizationOptions } from './options.js'
import { PossibleTypes } from './possible-types.js'
import { isShieldMiddleware, readShield, type ShieldCall } from './read-shield.js'
import { createRuleGate } from './rule-gate.js'
import { FAULT, toVerdict } from './verdicts.js'
import { readRequirements } from './written-requirements.js'

export { loadShieldRules, type LoadedRules, type Policy } from './load-rules.js'
export { PolicyError } from './policy-error.js'
export { createPolicySchema } from './policy-schema.js'

export interface AuthorizationPorts {
  readonly policySchema: PolicySchema
  readonly supergraph: Supergraph
  readonly rules?: LoadedRules | undefined
  readonly logger: Logger
  readonly metrics?: Metrics
}

/** How much of a graph is guarded, for the log at boot and `gatehouse check`. */
export interface AuthorizationSummary {
  readonly fieldsGuardedByDirectives: number
  readonly fieldsGuardedByRules: number
  /** Fields whose rules need the parent object: they are fetched first. */
  readonly fieldsJudgedAfterFetch: readonly string[]
  /** Names used by `@policy` that no function decides: they refuse everybody. */
  readonly undecidedPolicies: readonly string[]
}

export interface Authorization {
  readonly stage: Stage<Resolved, Authorized>
  /** Puts the rules that need the parent object behind the stage that writes answers. */
  readonly judge: AfterFetch['judge']
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
  const { policySchema, supergraph, logger, metrics = NO_METRICS } = ports
  const { apiSchema } = supergraph
  const requirements = compileRequirements(supergraph, readRequirements(supergraph.sdl))
  const timed = { limits: new TimeLimits(), timeoutMs: options.ruleTimeoutMs, logger }
  const policies = watchPolicies(ports.rules?.policies ?? {}, timed)
  const { tree, options: written } = callOf(ports.rules, apiSchema)
  const shield = createRuleGate({
    tree,
    apiSchema,
    guardedByDirective: (coordinate) => requirements.ofField.has(coordinate),
    fallback: options.fallback,
    written,
    ruleCache: options.ruleCache,
    ...timed,
  })
  const check = policySchema.check(
    (schema) => applyRequirements(shield.apply(schema), requirements, policies),
    toVerdict,
  )
  const types = new PossibleTypes(apiSchema)
  const { askParentRule, parentRules } = shield
  const afterFetch = createAfterFetch({
    schema: apiSchema,
    types,
    rules: parentRules,
    prune: policySchema.prune,
    unsure: options.dryRun ? undefined : FAULT,
    rejects: options.mode === 'reject' && !options.dryRun,
    ask: async (rule, { parent, args, context, info }) => {
      const about = policyContext(context, shield.shieldPart())
      try {
        await askParentRule(rule, { parent, args, context: about, info })
        return undefined
      } catch (error) {
        const verdict = toVerdict(error)
        if (!options.dryRun) return verdict
        const { requestId } = context
        const coordinate = `${info.parentType.name}.${info.fieldName}`
        metrics.countDryRunRefusal(verdict.code)
        logger.warn({ requestId, coordinate, code: verdict.code }, 'Dry run: this field would be refused.')
        return undefined
      }
    },
  })
  const sources = { apiSchema, types, requirements, ruled: shield.guarded }
  const { shieldPart } = shield
  const { prepare } = afterFetch
  const authorize = createAuthorize({
    options,
    policySchema,
    check,
    sources,
    policies,
    shieldPart,
    prepare,
    logger,
    metrics,
  })
  const named = [...requirements.ofField.values()].flatMap((requirement) => requirement.policies.flat(2))
  const summary: AuthorizationSummary = {
    fieldsGuardedByDirectives: requirements.ofField.size,
    fieldsGuardedByRules: shield.guarded.size + parentRules.size,
    fieldsJudgedAfterFetch: [...parentRules.keys()].sort(),
    undecidedPolicies: [...new Set(named)].filter((name) => !Object.hasOwn(policies, name)).sort(),
  }
  return {
    stage: authorize.stage,
    judge: afterFetch.judge,
    explain: createExplain({
      sources,
      decide: authorize.decide,
      prepare,
      ruleOf: shield.nameOfRule,
      isJudgedLater: (coordinate) => parentRules.has(coordinate),
    }),
    summary: () => summary,
  }
}

function callOf({ permissions = {}, options = {} }: LoadedRules = {}, apiSchema: GraphQLSchema): ShieldCall {
  return isShieldMiddleware(permissions) ? readShield(permissions, apiSchema) : { tree: permissions, options }
}
