import { isNativeError } from 'node:util/types'
import { mapSchema, MapperKind } from '@graphql-tools/utils'
import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql'
import type { IRules } from 'graphql-shield'
import type { PolicyContext } from '../kernel/policy-schema.js'
import type { Logger } from '../kernel/ports/logger.js'
import { awaitWithin, withinLimit, type TimeLimits } from '../kernel/time-limits.js'
import { findParentRules, type ParentRule, type ParentRules } from './after-fetch/parent-rules.js'
import { PolicyError } from './policy-error.js'
import { isAllow, nameOfRule, rulesByField, type ShieldRule } from './rule-tree.js'
import { shieldLibrary } from './shield-library.js'
import type { WrittenOptions } from './written-options.js'
import { ASSUMED, createRuleWatch, RuleFault, RuleTimeout } from './watched-rules.js'

/** A rule's considered "no", with what its author wants clients to read. */
export class RuleVerdict extends Error {
  override readonly name = 'RuleVerdict'
  constructor(readonly authored: Error | undefined) {
    super(authored?.message ?? 'refused')
  }
}

export interface RuleGate {
  /** Fields whose rule is anything but `allow`, by `Type.field`. */
  readonly guarded: ReadonlySet<string>
  /** How a guarded field's rule is written: `isOwner`, `and(isSignedIn, isAdmin)`. */
  readonly nameOfRule: (coordinate: string) => string | undefined
  readonly apply: (schema: GraphQLSchema) => GraphQLSchema
  /** What shield wants to find as `_shield` on a request's context. */
  readonly shieldPart: () => ShieldPart
  /** Those that cannot be asked before the fetch; they are not in `guarded`. */
  readonly parentRules: ParentRules
  readonly askParentRule: (rule: ParentRule, call: RuleCall) => Promise<unknown>
}

/** The results that shield keeps while a request is decided. */
export interface ShieldPart {
  readonly cache: Record<string, Promise<boolean>>
}

/** What a rule is called with, as by a resolver. */
export interface RuleCall {
  readonly parent: object
  readonly args: Record<string, unknown>
  readonly context: PolicyContext & { readonly _shield: ShieldPart }
  readonly info: GraphQLResolveInfo
}

export interface RuleGateSetup {
  readonly tree: IRules
  readonly apiSchema: GraphQLSchema
  /** Fields that a directive guards; the fallback leaves them to it. */
  readonly guardedByDirective: (coordinate: string) => boolean
  readonly fallback: 'allow' | 'deny'
  /** What the rule module says beside its tree. */
  readonly written: WrittenOptions
  readonly ruleCache: 'no_cache' | 'as_declared'
  /** Longest time for a rule to decide, in milliseconds. */
  readonly timeoutMs: number
  readonly limits: TimeLimits
  readonly logger: Logger
}

/** Puts the rules of a shield tree before the resolvers of the policy schema. */
export function createRuleGate(setup: RuleGateSetup): RuleGate {
  const watch = createRuleWatch()
  const tree = watch(setup.tree)
  const ours = fallbackOf(setup)
  const fallback = watch(setup.written.fallbackRule) ?? ours
  const rules = rulesByField(tree, setup.apiSchema, fallback)
  // Refuses what shield would not take: two rules of one name. It sees each once, for it compares all that it is shown. What
  // it gives back wraps resolvers, and costs a request more than its rules do; they are asked by their own `resolve`
  // instead, which is all that the wrapper does with them.
  shieldLibrary.shield({ rules: Object.fromEntries([...new Set(rules.values())].entries()) })
  const byField = new Map(
    [...rules].filter(
      ([coordinate, found]) =>
        !isAllow(found) &&
        (found !== ours || (setup.fallback === 'deny' && !setup.guardedByDirective(coordinate))),
    ),
  )
  const parentRules = findParentRules(byField, setup.apiSchema)
  for (const coordinate of parentRules.keys()) byField.delete(coordinate)
  const decide = createDecide(setup, fallback)
  return {
    parentRules,
    askParentRule: ({ rule }, { parent, args, context, info }) =>
      decide(rule, NO_VALUE, parent, args, context, info),
    guarded: new Set(byField.keys()),
    nameOfRule: (coordinate) => {
      const found = byField.get(coordinate) ?? parentRules.get(coordinate)?.rule
      return found && nameOfRule(found)
    },
    shieldPart: () => ({ cache: setup.ruleCache === 'as_declared' ? {} : forgetfulCache() }),
    apply: (schema) =>
      mapSchema(schema, {
        [MapperKind.OBJECT_FIELD]: (field, fieldName, typeName) => {
          const found = byField.get(`${typeName}.${fieldName}`)
          if (found === undefined) return field
          const value = field.resolve ?? defaultFieldResolver
          const resolve: Resolver = (parent, args, context, info) =>
            decide(found, value, parent, args, context, info)
          return { ...field, resolve }
        },
      }),
  }
}

/** Of the two that may decide about fields without a rule, an author and an operator have to agree on one. */
function fallbackOf({ fallback, guardedByDirective, written }: RuleGateSetup): ShieldRule {
  if (fallback === 'deny' && written.fallbackRule !== undefined) {
    throw new PolicyError(
      'The rules have a fallbackRule, and authorization.fallback is deny: only one can decide about fields without a rule.',
    )
  }
  return shieldLibrary.rule('fallback of the gateway')(
    (_parent, _args, _ctx, info) =>
      fallback === 'allow' || guardedByDirective(`${info.parentType.name}.${info.fieldName}`),
  )
}

type Resolver = GraphQLFieldResolver<unknown, RuleCall['context']>
type Call = Parameters<Resolver>

/** Asks a rule; gives the value of the field for yes, raises RuleVerdict for no and RuleFault for neither. */
type Decide = (rule: ShieldRule, value: Resolver, ...call: Call) => Promise<unknown>

const NO_VALUE: Resolver = () => undefined

function createDecide({ limits, timeoutMs, logger, written }: RuleGateSetup, fallback: ShieldRule): Decide {
  const options = optionsWith(fallback)
  const { fallbackError } = written
  /** A no in the words that the author chose for all; a function of his has the time of a rule. */
  const wordless = async ([parent, args, context, info]: Call): Promise<RuleVerdict> => {
    const said: unknown =
      typeof fallbackError === 'function'
        ? await withinLimit(
            limits,
            timeoutMs,
            Promise.resolve(fallbackError(null, parent as object, args as RuleCall['args'], context, info)),
            () => new RuleTimeout(`fallbackError took longer than ${timeoutMs} ms.`),
          )
        : fallbackError
    return toRuleVerdict(typeof said === 'string' ? new Error(said) : said)
  }
  const explainFault = async (fault: unknown, rule: ShieldRule, call: Call): Promise<never> => {
    const [, , { requestId }, info] = call
    const coordinate = `${info.parentType.name}.${info.fieldName}`
    // One that hangs would hang again.
    const verdict = fault instanceof RuleTimeout ? undefined : await verdictInAnyCase(rule, call)
    if (verdict) {
      logger.debug({ requestId, coordinate, err: fault }, 'A part of an authorization rule failed.')
      throw verdict.authored === undefined ? await wordless(call).catch(() => verdict) : verdict
    }
    logger.error({ requestId, coordinate, err: fault }, 'An authorization rule failed; the field is refused.')
    throw fault instanceof RuleFault ? fault : new RuleFault('Shield threw.', { cause: fault })
  }
  return (rule, value, parent, args: object, context, info) =>
    new Promise((resolve, reject) => {
      const failed = (fault: unknown): void => {
        resolve(explainFault(fault, rule, [parent, args, context, info]))
      }
      const said: Promise<unknown> = rule.resolve(parent as object, args, context, info, options)
      awaitWithin(limits, timeoutMs, said, {
        done: (verdict) => {
          if (verdict === true) resolve(value(parent, args, context, info))
          else if (isError(verdict) || fallbackError === undefined) reject(toRuleVerdict(verdict))
          else wordless([parent, args, context, info]).then(reject, failed)
        },
        failed,
        tooLate: () => {
          failed(new RuleTimeout(`The rule took longer than ${timeoutMs} ms.`))
        },
      })
    })
}

type ShieldOptions = Parameters<ShieldRule['resolve']>[4]

/** What shield gives its rules: errors go through, and a cache finds a call by the call itself. */
function optionsWith(fallbackRule: ShieldRule): ShieldOptions {
  return {
    debug: true,
    allowExternalErrors: true,
    fallbackRule,
    hashFunction: keyOfCall,
  }
}

/**
 * Says no where the rule would refuse whatever its failing parts had said, and `undefined` where they mattered.
 *
 * In `and(isSignedIn, isAdmin)` the second rule may well stumble over a missing user; the first decides.
 */
async function verdictInAnyCase(found: ShieldRule, call: Call): Promise<RuleVerdict | undefined> {
  const options = optionsWith(found)
  const [parent, , context, info] = call
  const args: unknown = call[1]
  let verdict: RuleVerdict | undefined
  for (const assumed of [true, false]) {
    const assuming = { ...context, _shield: { cache: forgetfulCache() }, [ASSUMED]: assumed }
    try {
      const said: unknown = await found.resolve(parent as object, args as object, assuming, info, options)
      if (said === true) return undefined
      verdict = toRuleVerdict(said)
    } catch {
      return undefined
    }
  }
  return verdict
}

/** The call itself rather than a hash of it, so that no two calls can be taken for one (GHSA-hx78-272p-mqqh). */
function keyOfCall({ parent, args }: { readonly parent: unknown; readonly args: unknown }): string {
  return JSON.stringify([parent, args])
}

/**
 * A result cache that gives back each result once, to the call that made it.
 *
 * Shield's own keys name neither type nor field, and `contextual` not even the arguments.
 */
function forgetfulCache(): ShieldPart['cache'] {
  return new Proxy(Object.create(null) as ShieldPart['cache'], FORGETFUL)
}

const FORGETFUL: ProxyHandler<ShieldPart['cache']> = {
  get: (target, key): unknown => {
    const value: unknown = Reflect.get(target, key)
    Reflect.deleteProperty(target, key)
    return value
  },
}

function toRuleVerdict(said: unknown): RuleVerdict {
  return new RuleVerdict(isError(said) ? said : undefined)
}

function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value)
}
