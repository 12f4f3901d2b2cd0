import { getVariableValues, GraphQLError, type GraphQLSchema } from 'graphql'
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
}

/**
 * Coerces what the client sent to the declared types (GraphQL specification §6.1.2).
 *
 * Operations without variables, whatever the client sent along, pay nothing. Raises BAD_USER_INPUT with one
 * detail per finding.
 */
export function coerceVariables(
  { operation }: OperationRecord,
  given: JsonObject | undefined,
  { schema, suggestions, maxDepth }: CoerceVariablesRules,
): VariableValues {
  const definitions = operation.variableDefinitions
  if (definitions === undefined || definitions.length === 0) return NO_VARIABLES
  for (const name in given) refuseDeep(name, given[name], maxDepth)
  const { coerced, errors } = getVariableValues(schema, definitions, given ?? {}, {
    maxErrors: MAX_FINDINGS,
    hideSuggestions: !suggestions,
  })
  // In a schema that was built from SDL every coerced value is what JSON held, or an enum value's name.
  if (coerced !== undefined) return coerced as VariableValues
  throw badInput(errors.map(toDetailOrFault))
}

/** graphql-js passes whatever a scalar threw; texts of other errors are not made for clients. */
function toDetailOrFault(error: unknown): ErrorDetail {
  return error instanceof GraphQLError ? toDetail(error) : { message: 'A variable has an unusable value.' }
}

function refuseDeep(name: string, value: Json | undefined, levels: number): void {
  if (typeof value !== 'object' || value === null) return
  if (levels === 0) throw badInput([{ message: `Variable "$${name}" is nested too deeply.` }])
  for (const inner of Object.values(value)) refuseDeep(name, inner, levels - 1)
}

function badInput(details: readonly ErrorDetail[]): GatewayError {
  return new GatewayError('BAD_USER_INPUT', 'The variables do not fit the operation.', { details })
}
