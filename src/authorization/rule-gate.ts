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
import { withinLimit, type TimeLimits } from '../kernel/time-limits.js'
import { findParentRules, type ParentRule, type ParentRules } from './after-fetch/parent-rules.js'
import { isAllow, nameOfRule, rulesByField, type ShieldRule } from './rule-tree.js'
import { middlewareLibrary, shieldLibrary } from './shield-library.js'
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
  /** What shield wants to find on a request's context. */
  readonly contextPart: () => { readonly _shield: { cache: Record<string, Promise<boolean>> } }
  /** Those that cannot be asked before the fetch; they are not in `guarded`. */
  readonly parentRules: ParentRules
  readonly askParentRule: (rule: ParentRule, call: RuleCall) => Promise<void>
}

/** What a rule is called with, as by a resolver. */
export interface RuleCall {
  readonly parent: object
  readonly args: Record<string, unknown>
  readonly context: PolicyContext & ReturnType<RuleGate['contextPart']>
  readonly info: GraphQLResolveInfo
}

export interface RuleGateSetup {
  readonly tree: IRules
  readonly apiSchema: GraphQLSchema
  /** Fields that a directive guards; the fallback leaves them to it. */
  readonly guardedByDirective: (coordinate: string) => boolean
  readonly fallback: 'allow' | 'deny'
  readonly ruleCache: 'no_cache' | 'as_declared'
  /** Longest time for a rule to decide, in milliseconds. */
  readonly timeoutMs: number
  readonly limits: TimeLimits
  readonly logger: Logger
}

/** Applies a shield rule tree, unmodified, to the policy schema. */
export function createRuleGate(setup: RuleGateSetup): RuleGate {
  const tree = createRuleWatch()(setup.tree)
  const fallback = shieldLibrary.rule('fallback of the gateway')(
    (_parent, _args, _ctx, info) =>
      setup.fallback === 'allow' || setup.guardedByDirective(`${info.parentType.name}.${info.fieldName}`),
  )
  const byField = new Map(
    [...rulesByField(tree, setup.apiSchema, fallback)].filter(
      ([coordinate, found]) =>
        !isAllow(found) &&
        (found !== fallback || (setup.fallback === 'deny' && !setup.guardedByDirective(coordinate))),
    ),
  )
  const parentRules = findParentRules(byField, setup.apiSchema)
  for (const coordinate of parentRules.keys()) byField.delete(coordinate)
  const options = { debug: true, fallbackRule: fallback, hashFunction: keyOfCall, fallbackError: noReason }
  return {
    parentRules,
    askParentRule: (parentRule, call) => askDirectly(parentRule, call, fallback, setup),
    guarded: new Set(byField.keys()),
    nameOfRule: (coordinate) => {
      const found = byField.get(coordinate) ?? parentRules.get(coordinate)?.rule
      return found && nameOfRule(found)
    },
    contextPart: () => ({ _shield: { cache: setup.ruleCache === 'as_declared' ? {} : forgetfulCache() } }),
    apply: (schema) => {
      const shielded = middlewareLibrary.applyMiddleware(schema, shieldLibrary.shield(tree, options))
      return mapSchema(shielded, {
        [MapperKind.OBJECT_FIELD]: (field, fieldName, typeName) => {
          const coordinate = `${typeName}.${fieldName}`
          const found = byField.get(coordinate)
          // A free field keeps its own resolver: shield's wrapper would cost a promise to say yes.
          return found
            ? { ...field, resolve: decided(field.resolve ?? defaultFieldResolver, found, setup) }
            : { ...field, resolve: resolverOf(schema, typeName, fieldName) }
        },
      })
    },
  }
}

type DecisionParts = Pick<RuleGateSetup, 'limits' | 'timeoutMs' | 'logger'>
type Resolver = GraphQLFieldResolver<unknown, PolicyContext>
type Call = Parameters<Resolver>

/** Turns the two ways in which shield refuses, returning an error and throwing one, into verdict and fault. */
function decided(
  resolve: Resolver,
  found: ShieldRule,
  { limits, timeoutMs, logger }: DecisionParts,
): Resolver {
  const tooLate = (): Error => new RuleTimeout(`The rule took longer than ${timeoutMs} ms.`)
  return async (...call) => {
    let value: unknown
    try {
      value = await withinLimit(limits, timeoutMs, Promise.resolve(resolve(...call)), tooLate)
    } catch (fault) {
      const [, , { requestId }, info] = call
      const coordinate = `${info.parentType.name}.${info.fieldName}`
      // One that hangs would hang again.
      const verdict = fault instanceof RuleTimeout ? undefined : await verdictInAnyCase(found, call)
      if (verdict) {
        logger.debug({ requestId, coordinate, err: fault }, 'A part of an authorization rule failed.')
        throw verdict
      }
      logger.error(
        { requestId, coordinate, err: fault },
        'An authorization rule failed; the field is refused.',
      )
      throw fault instanceof RuleFault ? fault : new RuleFault('Shield threw.', { cause: fault })
    }
    if (isError(value)) throw value instanceof RuleVerdict ? value : new RuleVerdict(value)
    return value
  }
}

/** Asks a rule outside of a resolver; resolves for yes, raises RuleVerdict for no and RuleFault for neither. */
async function askDirectly(
  { rule }: ParentRule,
  { parent, args, context, info }: RuleCall,
  fallbackRule: ShieldRule,
  parts: DecisionParts,
): Promise<void> {
  const options = { debug: true, allowExternalErrors: true, fallbackRule, hashFunction: keyOfCall }
  const resolve: Resolver = () => rule.resolve(parent, args, context, info, options)
  const said: unknown = await decided(resolve, rule, parts)(parent, args, context, info)
  if (said !== true) throw new RuleVerdict(undefined)
}

/**
 * Says no where the rule would refuse whatever its failing parts had said, and `undefined` where they mattered.
 *
 * In `and(isSignedIn, isAdmin)` the second rule may well stumble over a missing user; the first decides.
 */
async function verdictInAnyCase(found: ShieldRule, call: Call): Promise<RuleVerdict | undefined> {
  const options = { debug: true, allowExternalErrors: true, fallbackRule: found, hashFunction: keyOfCall }
  const [parent, , context, info] = call
  const args: unknown = call[1]
  let verdict: RuleVerdict | undefined
  for (const assumed of [true, false]) {
    const assuming = { ...context, _shield: { cache: forgetfulCache() }, [ASSUMED]: assumed }
    try {
      const said: unknown = await found.resolve(parent as object, args as object, assuming, info, options)
      if (said === true) return undefined
      verdict = new RuleVerdict(isError(said) ? said : undefined)
    } catch {
      return undefined
    }
  }
  return verdict
}

function noReason(): Error {
  return new RuleVerdict(undefined)
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
function forgetfulCache(): Record<string, Promise<boolean>> {
  return new Proxy<Record<string, Promise<boolean>>>(
    Object.create(null) as Record<string, Promise<boolean>>,
    {
      get: (target, key): unknown => {
        const value: unknown = Reflect.get(target, key)
        Reflect.deleteProperty(target, key)
        return value
      },
    },
  )
}

function resolverOf(schema: GraphQLSchema, typeName: string, fieldName: string): Resolver {
  const type = schema.getType(typeName)
  const fields = type && 'getFields' in type ? type.getFields() : {}
  const field = fields[fieldName]
  return (field && 'resolve' in field ? field.resolve : undefined) ?? defaultFieldResolver
}

function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value)
}
