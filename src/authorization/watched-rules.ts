import type { GraphQLResolveInfo } from 'graphql'
import { isPromise } from '../kernel/stage.js'
import { isCombination, isRule, type ShieldRule } from './rule-tree.js'

/** A rule that threw instead of deciding. */
export class RuleFault extends Error {
  override readonly name = 'RuleFault'
}

/** A rule that did not decide in its time. */
export class RuleTimeout extends RuleFault {}

/** What a rule that throws is taken to have said; absent: nothing, the fault goes through. */
export const ASSUMED = Symbol('assumed verdict')

type RuleFunction = (parent: unknown, args: unknown, ctx: object, info: GraphQLResolveInfo) => unknown

/**
 * Copies rules so that a throwing one is told from one that says no.
 *
 * Shield takes a thrown error for `false`, so that `not` of a failing rule allows. Copies are made once per rule:
 * shield refuses two different rules under one name.
 */
export function createRuleWatch(): <Tree>(tree: Tree) => Tree {
  const copies = new Map<object, object>()
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    const known = copies.get(value)
    if (known) return known
    const made = isRule(value) ? copyRule(value, copy) : copyMap(value, copy)
    copies.set(value, made)
    return made
  }
  return (tree) => copy(tree) as typeof tree
}

function copyMap(map: object, copy: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, copy(value)]))
}

function copyRule(rule: ShieldRule, copy: (value: unknown) => unknown): object {
  const made = Object.assign(Object.create(Object.getPrototypeOf(rule) as object) as object, rule)
  if (isCombination(rule)) {
    const { rules } = rule as unknown as { readonly rules: readonly unknown[] }
    return Object.assign(made, { rules: rules.map(copy) })
  }
  const { func, name } = rule as unknown as { readonly func: RuleFunction; readonly name: string }
  return Object.assign(made, { func: watched(func, name) })
}

/** Answers at once where the rule does: a promise more would cost more than most rules. */
function watched(func: RuleFunction, name: string): RuleFunction {
  return (parent, args, ctx, info) => {
    const failed = (cause: unknown): boolean => {
      const assumed = (ctx as { readonly [ASSUMED]?: boolean })[ASSUMED]
      if (assumed !== undefined) return assumed
      throw new RuleFault(`The rule "${name}" threw.`, { cause })
    }
    try {
      const said = func(parent, args, ctx, info)
      // Whatever a rule gives: some promises are not of this realm, and have no `catch`.
      return isPromise(said) ? Promise.resolve(said).catch(failed) : said
    } catch (cause) {
      return failed(cause)
    }
  }
}
