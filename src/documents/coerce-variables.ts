import { getVariableValues, GraphQLError, type GraphQLSchema, type VariableDefinitionNode } from 'graphql'
import { conditionVariables } from '../kernel/condition-variables.js'
import { GatewayError, type ErrorDetail } from '../kernel/gateway-error.js'
import type { Json, JsonObject } from '../kernel/json.js'
import type { OperationRecord, VariableValues } from '../kernel/operation.js'
import { toDetail } from './error-detail.js'

/** Findings reported for one request; coercion stops there. */
const MAX_FINDINGS = 20

const NO_VARIABLES: VariableValues = Object.freeze({})

export interface CoerceVariablesRules {
  readonly schema: GraphQLSchema
  readonly suggestions: boolean
  /** Lists and objects inside each other. */
  readonly maxDepth: number
  /** Variables, list items and members of objects, all together. */
  readonly maxValues: number
}

/**
 * Coerces what the client sent to the declared types (GraphQL specification §6.1.2).
 *
 * Operations without variables, whatever the client sent along, pay nothing. Raises BAD_USER_INPUT with one
 * detail per finding.
 */
export function coerceVariables(
  record: OperationRecord,
  given: JsonObject | undefined,
  rules: CoerceVariablesRules,
): VariableValues {
  const definitions = record.operation.variableDefinitions
  if (definitions === undefined || definitions.length === 0) return NO_VARIABLES
  if (given !== undefined) assertBounded(given, rules)
  const { coerced, errors } = getVariableValues(rules.schema, definitions, given ?? {}, {
    maxErrors: MAX_FINDINGS,
    hideSuggestions: !rules.suggestions,
  })
  // In a schema that was built from SDL every coerced value is what JSON held, or an enum value's name.
  if (coerced === undefined) throw badInput(errors.map(toDetailOrFault))
  for (const definition of definitions) assertDecides(record, definition, coerced as VariableValues)
  return coerced as VariableValues
}

/**
 * Refuses null for what decides a `@skip` or `@include`.
 *
 * A nullable variable with a default may stand there (GraphQL specification §5.8.5, AllVariableUsagesAreAllowed), and
 * null may be given for it all the same; then nobody can say what is asked.
 */
function assertDecides(
  record: OperationRecord,
  { defaultValue, variable, loc }: VariableDefinitionNode,
  coerced: VariableValues,
): void {
  const { value: name } = variable.name
  if (defaultValue === undefined || coerced[name] !== null) return
  if (!conditionVariables(record.document).includes(name)) return
  const token = loc?.startToken
  const locations = token && [{ line: token.line, column: token.column }]
  const message = `Variable "$${name}" decides a @skip or @include and must not be null.`
  throw badInput([{ message, ...(locations && { locations }) }])
}

/** graphql-js passes whatever a scalar threw; texts of other errors are not made for clients. */
function toDetailOrFault(error: unknown): ErrorDetail {
  return error instanceof GraphQLError ? toDetail(error) : { message: 'A variable has an unusable value.' }
}

/** Refuses what graphql-js would take long to coerce: a megabyte of small objects takes it over 100 ms. */
function assertBounded(given: JsonObject, { maxDepth, maxValues }: CoerceVariablesRules): void {
  let values = 0
  const visit = (name: string, value: Json | undefined, levels: number): void => {
    values += 1
    if (values > maxValues) throw badInput([{ message: `The variables hold more than ${maxValues} values.` }])
    if (typeof value !== 'object' || value === null) return
    if (levels === 0) throw badInput([{ message: `Variable "$${name}" is nested too deeply.` }])
    for (const inner of Object.values(value)) visit(name, inner, levels - 1)
  }
  for (const name in given) visit(name, given[name], maxDepth)
}

function badInput(details: readonly ErrorDetail[]): GatewayError {
  return new GatewayError('BAD_USER_INPUT', 'The variables do not fit the operation.', { details })
}
