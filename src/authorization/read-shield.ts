import { GraphQLString, isObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql'
import type { IRules } from 'graphql-shield'
import { PolicyError } from './policy-error.js'
import { isAllow, isCombination, type ShieldRule } from './rule-tree.js'
import { shieldCopies, shieldLibrary } from './shield-library.js'
import type { FallbackError, MakeFallbackError, WrittenOptions } from './written-options.js'

/** What `shield()` returns: it makes a resolver for every field of a schema (graphql-middleware). */
export interface ShieldMiddleware {
  readonly generate: (schema: Pick<GraphQLSchema, 'getTypeMap'>) => object
}

/** What `shield()` was called with, as far as it has a meaning here. */
export interface ShieldCall {
  readonly tree: IRules
  readonly options: WrittenOptions
}

export function isShieldMiddleware(value: unknown): value is ShieldMiddleware {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { readonly generate?: unknown }).generate === 'function'
  )
}

/**
 * Reads back what `shield()` was called with, for the fields of this schema.
 *
 * Its resolvers cannot be asked instead: they do not tell a rule that said no from one that failed, and not which rules
 * there are. So each of them is called once to see which rule it asks. No code of the rules' author runs for that.
 *
 * Raises PolicyError where the rules do not fit the schema, or the resolvers are not those of shield.
 */
export function readShield(middleware: ShieldMiddleware, schema: GraphQLSchema): ShieldCall {
  const types = objectTypesOf(schema)
  const [first] = rulesAskedBy(middleware, types)
  if (first === undefined) return { tree: {}, options: {} }
  const { options } = first
  const { fallbackRule, fallbackError } = options
  const unruled = shieldLibrary.rule('no rule')(() => false)
  // All resolvers share these options, so that those without a rule of their own ask this one now.
  options.fallbackRule = unruled
  try {
    const asked = rulesAskedBy(middleware, types)
    const tree = treeOf(asked.filter(({ rule }) => rule !== unruled))
    assertWhole(middleware, types, tree)
    return {
      tree,
      options: {
        ...(isAllow(fallbackRule) ? {} : { fallbackRule }),
        ...(isDefaultError(fallbackError) ? {} : { fallbackError }),
      },
    }
  } finally {
    options.fallbackRule = fallbackRule
  }
}

/** The options of `shield()` with its defaults in them. */
interface ShieldOptions {
  fallbackRule: ShieldRule
  readonly fallbackError: FallbackError | MakeFallbackError
}

interface AskedRule {
  readonly type: string
  readonly field: string
  readonly rule: ShieldRule
  readonly options: ShieldOptions
}

type ObjectTypes = Readonly<Record<string, GraphQLObjectType>>

/** Rules on other types would be ignored without a word; of a type that is not there, shield complains. */
function objectTypesOf(schema: GraphQLSchema): ObjectTypes {
  const types = Object.entries(schema.getTypeMap())
  return Object.fromEntries(
    types.filter(
      (entry): entry is [string, GraphQLObjectType] => isObjectType(entry[1]) && !entry[0].startsWith('__'),
    ),
  )
}

type Resolvers = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>

function generate(middleware: ShieldMiddleware, types: ObjectTypes): Resolvers {
  try {
    return middleware.generate({ getTypeMap: () => types }) as Resolvers
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PolicyError(
      `The shield rules do not fit the schema, of which they may name object types and their fields: ${reason}`,
      { cause },
    )
  }
}

function treeOf(asked: readonly AskedRule[]): IRules {
  const tree = new Map<string, Record<string, ShieldRule>>()
  for (const { type, field, rule } of asked) {
    const rules = tree.get(type) ?? {}
    rules[field] = rule
    tree.set(type, rules)
  }
  return Object.fromEntries(tree)
}

/** Shield takes a type with one wrong entry for a type without rules, which would leave open what its author closed. */
function assertWhole(middleware: ShieldMiddleware, types: ObjectTypes, tree: IRules): void {
  const ruled = Object.keys(tree)
  if (!isNaming(middleware, ruled)) return
  const names = Object.keys(types)
  const wrong = names.filter(
    (name) =>
      !Object.hasOwn(tree, name) &&
      isNaming(
        middleware,
        names.filter((other) => other !== name),
      ),
  )
  throw new PolicyError(
    `The shield rules do not fit the schema: ${wrong.join(', ')} has no rule, or an entry that is none.`,
  )
}

/** Whether the rules name a type beside these: shield complains of it before it looks at what the others are. */
function isNaming(middleware: ShieldMiddleware, names: readonly string[]): boolean {
  try {
    middleware.generate({ getTypeMap: () => Object.fromEntries(names.map((name) => [name, GraphQLString])) })
    return false
  } catch {
    return true
  }
}

/** Which rule is asked about each field, and with which options. */
function rulesAskedBy(middleware: ShieldMiddleware, types: ObjectTypes): readonly AskedRule[] {
  const resolvers = generate(middleware, types)
  const asked: AskedRule[] = []
  let told: Pick<AskedRule, 'rule' | 'options'>[] = []
  const askAll = (): void => {
    for (const [type, object] of Object.entries(types)) {
      for (const field of Object.keys(object.getFields())) {
        const resolver = resolvers[type]?.[field]
        told = []
        void call(resolver).catch(() => undefined)
        const [only, ...others] = told
        if (only === undefined || others.length > 0 || isCombination(only.rule) !== isOfCombination(resolver))
          throw notOurs(`${type}.${field}`)
        asked.push({ type, field, ...only })
      }
    }
  }
  whileRulesTell((rule, options) => void told.push({ rule, options }), askAll)
  return asked
}

/** Otherwise what tells may be but a part of a combination that does not. */
function isOfCombination(resolver: unknown): boolean {
  return typeof resolver === 'object' && resolver !== null && 'fragments' in resolver
}

/** Whoever does not tell is not left open. */
function notOurs(coordinate: string): PolicyError {
  return new PolicyError(
    `What decides about ${coordinate} is no rule of graphql-shield, or of another copy of it than ours. Export the tree itself, and what shield() gets beside it as "options".`,
  )
}

type Tell = (rule: ShieldRule, options: ShieldOptions) => void

/** A resolver, or one with the fragments of its rule beside it; shield's ask their rule before they wait for anything. */
async function call(resolver: unknown): Promise<void> {
  const run = typeof resolver === 'function' ? resolver : (resolver as { readonly resolve: unknown }).resolve
  await (run as (...call: readonly unknown[]) => unknown)(() => undefined, {}, {}, {}, {})
}

/** Has every rule tell that it is asked, instead of deciding, until `act` returns. */
function whileRulesTell(tell: Tell, act: () => void): void {
  const restored = shieldCopies()
    .flatMap(rulePrototypes)
    .map((prototype) => {
      const { resolve } = prototype
      prototype.resolve = function (this: ShieldRule, ...[, , , , options]: readonly unknown[]) {
        tell(this, options as ShieldOptions)
        return Promise.resolve(true)
      }
      return () => (prototype.resolve = resolve)
    })
  try {
    act()
  } finally {
    for (const restore of restored) restore()
  }
}

interface RulePrototype {
  resolve: (...call: never) => Promise<unknown>
}

/** Of each kind of rule the object that has its `resolve`. */
function rulePrototypes({ rule, and, or, chain, race, not, allow, deny }: typeof shieldLibrary) {
  const rules = [rule()(() => true), and(), or(), chain(), race(), not(allow), allow, deny]
  return rules.map((each) => Object.getPrototypeOf(each) as RulePrototype)
}

/** What shield says where its user gave nothing to say. */
function isDefaultError(error: unknown): boolean {
  return error instanceof Error && error.message === 'Not Authorised!'
}
