import type { IRules } from 'graphql-shield'
import { isObjectType, type GraphQLSchema } from 'graphql'
import { PolicyError } from './policy-error.js'

/** A rule or a combination of rules, by what this room needs to know of it. */
export type ShieldRule = Extract<IRules, { resolve: unknown }>

const RULES = ['Rule', 'InputRule']
const COMBINATIONS = ['RuleOr', 'RuleAnd', 'RuleChain', 'RuleRace', 'RuleNot', 'RuleTrue', 'RuleFalse']

export function isRule(value: unknown): value is ShieldRule {
  return RULES.includes(classNameOf(value)) || isCombination(value)
}

export function isCombination(value: unknown): boolean {
  return COMBINATIONS.includes(classNameOf(value))
}

/** `allow` itself: a field with it is as free as one without a rule. */
export function isAllow(rule: ShieldRule): boolean {
  return classNameOf(rule) === 'RuleTrue'
}

/** How its author would write a rule: by name, and combinations by those of their parts. */
export function nameOfRule(rule: ShieldRule): string {
  if ('name' in rule) return rule.name
  const parts = Object.values(rule).flat().filter(isRule)
  const combination = classNameOf(rule).slice('Rule'.length).toLowerCase()
  if (parts.length === 0) return combination === 'true' ? 'allow' : 'deny'
  return `${combination}(${parts.map(nameOfRule).join(', ')})`
}

/**
 * Finds the rule of every field, as shield will, and refuses a tree that shield would misread.
 *
 * Shield takes a type with one wrong entry for a type without rules, and ignores rules on interfaces: both would
 * leave open what the author meant to close.
 */
export function rulesByField(
  tree: IRules,
  schema: GraphQLSchema,
  fallback: ShieldRule,
): ReadonlyMap<string, ShieldRule> {
  const problems = isRule(tree) ? [] : problemsOf(tree, schema)
  if (problems.length > 0)
    throw new PolicyError(`The shield rules do not fit the schema: ${problems.join('; ')}.`)
  const found = new Map<string, ShieldRule>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    const ofType = isRule(tree) ? tree : entriesOf(tree).get(type.name)
    for (const name of Object.keys(type.getFields())) {
      found.set(`${type.name}.${name}`, ruleOfField(ofType, name) ?? fallback)
    }
  }
  return found
}

function ruleOfField(ofType: unknown, field: string): ShieldRule | undefined {
  if (isRule(ofType)) return ofType
  const rules = entriesOf(ofType)
  const rule = rules.get(field) ?? rules.get('*')
  return isRule(rule) ? rule : undefined
}

function problemsOf(tree: unknown, schema: GraphQLSchema): readonly string[] {
  if (typeof tree !== 'object' || tree === null) return ['the rule tree is not an object']
  return [...entriesOf(tree)].flatMap(([typeName, rules]) => {
    const type = schema.getType(typeName)
    if (!type) return [`there is no type ${typeName}`]
    if (!isObjectType(type))
      return [`${typeName} is not an object type, and rules apply to object types only`]
    if (isRule(rules)) return []
    if (typeof rules !== 'object' || rules === null) return [`${typeName} has no rule`]
    const fields = type.getFields()
    return [...entriesOf(rules)].flatMap(([name, rule]) => [
      ...(name === '*' || fields[name] ? [] : [`there is no field ${typeName}.${name}`]),
      ...(isRule(rule) ? [] : [`${typeName}.${name} has no rule`]),
    ])
  })
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

/** By name, as shield does itself: the rule module may have loaded another copy of shield. */
function classNameOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : ''
}
