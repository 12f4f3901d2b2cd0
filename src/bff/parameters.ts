import {
  getNamedType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import { GatewayError } from '../kernel/gateway-error.js'
import { ownValue, type Json, type JsonObject } from '../kernel/json.js'
import type { RouteRequest } from '../kernel/route.js'

/** Collects an operation's variables from a REST request. */
export type ReadParameters = (request: RouteRequest) => JsonObject

interface Parameter {
  readonly name: string
  readonly type: GraphQLInputType
}

/**
 * Makes the reader of one stored operation's variables.
 *
 * A variable is taken from the path parameter, the query parameter or the member of the JSON body of its own
 * name. Texts of path and query are converted by the variable's declared type; whether the value fits is then
 * decided by the line, as for any other operation. Parameters that no variable asks for are ignored.
 */
export function createParameterReader(
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
): ReadParameters {
  const parameters = (operation.variableDefinitions ?? []).flatMap((definition): Parameter[] => {
    const type = typeFromAST(schema, definition.type)
    return type !== undefined && isInputType(type) ? [{ name: definition.variable.name.value, type }] : []
  })
  return function readParameters(request) {
    const body = request.json()
    const variables: Record<string, Json> = {}
    for (const { name, type } of parameters) {
      const value = readText(request, name, type) ?? ownValue(body, name)
      if (value !== undefined) variables[name] = value
    }
    return variables
  }
}

function readText(request: RouteRequest, name: string, type: GraphQLInputType): Json | undefined {
  const fromPath = ownValue(request.params, name)
  if (typeof fromPath === 'string') return convert(fromPath, type)
  const nullable = isNonNullType(type) ? type.ofType : type
  const texts = request.query.getAll(name)
  if (isListType(nullable))
    return texts.length === 0 ? undefined : texts.map((text) => convert(text, nullable.ofType))
  if (texts.length > 1)
    throw new GatewayError('BAD_USER_INPUT', `Parameter "${name}" was given more than once.`)
  const [text] = texts
  return text === undefined ? undefined : convert(text, type)
}

/** A text that is not of the type stays a text, so that coercion refuses it by name. */
function convert(text: string, type: GraphQLInputType): Json {
  switch (getNamedType(type).name) {
    case 'Int':
    case 'Float':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
    case 'Boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    default:
      return text
  }
}
