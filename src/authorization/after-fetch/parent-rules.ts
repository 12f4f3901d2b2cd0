import {
  GraphQLError,
  isObjectType,
  Kind,
  parse,
  validate,
  NoUnusedFragmentsRule,
  specifiedRules,
  visit,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import { PossibleTypes } from '../possible-types.js'
import { PolicyError } from '../policy-error.js'
import { nameOfRule, type ShieldRule } from '../rule-tree.js'

/** What is written in a fragment is checked like an operation; that nobody spreads it is as it should be. */
const FRAGMENT_RULES = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule)

/** A rule that decides by the object on which its field stands. */
export interface ParentRule {
  readonly rule: ShieldRule
  /** What it declared to read of that object: plain fields, without arguments and aliases at the top. */
  readonly reads: readonly FieldNode[]
}

/** By `Type.field`. */
export type ParentRules = ReadonlyMap<string, ParentRule>

/**
 * Finds the rules that need the parent object: those that declare a `fragment`, as graphql-shield has it.
 *
 * They cannot be asked before the fetch, so that they are asked after it, over the objects that came. Raises
 * PolicyError where that would be too late or means nothing: a mutation has had its effect by then, and there is no
 * object above a root field.
 */
export function findParentRules(
  byField: ReadonlyMap<string, ShieldRule>,
  schema: GraphQLSchema,
): ParentRules {
  const found = new Map<string, ParentRule>()
  for (const [coordinate, rule] of byField) {
    const fragments = fragmentsOf(rule)
    if (fragments.length === 0) continue
    const type = schema.getType(coordinate.slice(0, coordinate.indexOf('.')))
    if (!isObjectType(type)) continue
    assertNoRoot(coordinate, type, rule, schema)
    const reads = fragments.flatMap((fragment) => readFragment(fragment, coordinate, type, schema))
    found.set(coordinate, { rule, reads: distinct(reads) })
  }
  return found
}

function assertNoRoot(
  coordinate: string,
  type: GraphQLObjectType,
  rule: ShieldRule,
  schema: GraphQLSchema,
): void {
  const name = nameOfRule(rule)
  if (type === schema.getMutationType()) {
    throw new PolicyError(
      `The rule ${name} of ${coordinate} declares a fragment, so it can only be asked when the mutation has had its effect. Decide by arguments and caller, or in the subgraph.`,
    )
  }
  if (type === schema.getQueryType() || type === schema.getSubscriptionType()) {
    throw new PolicyError(
      `The rule ${name} of ${coordinate} declares a fragment, but there is no object above a root field.`,
    )
  }
}

/** The fragments that a rule or the parts of a combination declare. */
function fragmentsOf(rule: ShieldRule): readonly string[] {
  if ('extractFragments' in rule) return rule.extractFragments().map(String)
  const fragment = 'extractFragment' in rule ? rule.extractFragment() : undefined
  return fragment === undefined ? [] : [fragment]
}

function readFragment(
  text: string,
  coordinate: string,
  type: GraphQLObjectType,
  schema: GraphQLSchema,
): readonly FieldNode[] {
  const refuse = (why: string): PolicyError =>
    new PolicyError(`The fragment of the rule of ${coordinate} ${why}: ${text}`)
  const definition = definitionOf(text, refuse)
  const condition = definition.typeCondition.name.value
  // A fragment may also be on an interface or union of the type.
  if (!new PossibleTypes(schema).of(condition).has(type.name)) throw refuse(`is not on ${type.name}`)
  const document = { kind: Kind.DOCUMENT, definitions: [definition] } as const
  const [problem] = validate(schema, document, FRAGMENT_RULES)
  if (problem !== undefined) throw refuse(`does not fit the schema (${problem.message})`)
  visit(document, {
    Variable: ({ name }) => {
      throw refuse(`uses the variable $${name.value}, and it stands in operations that have none of it`)
    },
  })
  return definition.selectionSet.selections.map((selection) => {
    const isPlain =
      selection.kind === Kind.FIELD &&
      selection.alias === undefined &&
      (selection.arguments ?? []).length + (selection.directives ?? []).length === 0
    if (!isPlain) throw refuse('may have plain fields only, without arguments, aliases and directives')
    return selection
  })
}

function definitionOf(text: string, refuse: (why: string) => PolicyError) {
  try {
    const [definition, ...others] = parse(text, { noLocation: true }).definitions
    if (definition?.kind === Kind.FRAGMENT_DEFINITION && others.length === 0) return definition
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
  }
  throw refuse('is not written as `fragment Name on Type { … }`')
}

function distinct(fields: readonly FieldNode[]): readonly FieldNode[] {
  const byName = new Map<string, FieldNode>()
  for (const field of fields) {
    const known = byName.get(field.name.value)
    byName.set(field.name.value, known === undefined ? field : together(known, field))
  }
  return [...byName.values()]
}

function together(one: FieldNode, other: FieldNode): FieldNode {
  if (one.selectionSet === undefined || other.selectionSet === undefined) return one
  const selections = [...one.selectionSet.selections, ...other.selectionSet.selections]
  return { ...one, selectionSet: { kind: Kind.SELECTION_SET, selections } }
}
