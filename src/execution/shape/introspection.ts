import {
  executeSync,
  Kind,
  visit,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import type { VariableValues } from '../../kernel/operation.js'

/** Answers `__schema` and `__type` from the API schema; undefined where an operation does not ask for them. */
export type Introspect = (variables: VariableValues) => RawObject

/** Different variable values for which one operation's introspection is kept. */
const MAX_REMEMBERED = 8

/** Compiles the introspection fields among an operation's root fields; no subgraph is asked for them. */
export function compileIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: readonly FragmentDefinitionNode[],
  fields: readonly FieldNode[],
): Introspect | undefined {
  if (fields.length === 0) return undefined
  const used = usedVariables(fields, fragments)
  const definitions = operation.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value))
  const names = (definitions ?? []).map(({ variable }) => variable.name.value)
  const reduced: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: operation.operation,
    ...(definitions ? { variableDefinitions: definitions } : {}),
    selectionSet: { kind: Kind.SELECTION_SET, selections: fields },
  }
  const document = { kind: Kind.DOCUMENT, definitions: [reduced, ...fragments] } as const
  const remembered = new Map<string, RawObject>()

  return (variables) => {
    const variableValues = pickOwn(variables, names)
    const key = JSON.stringify(variableValues)
    const known = remembered.get(key)
    if (known) return known
    const { data } = executeSync({ schema, document, variableValues })
    const answer: RawObject = data ?? {}
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(key, answer)
    return answer
  }
}

function pickOwn(variables: VariableValues, names: readonly string[]): RawObject {
  return Object.fromEntries(
    names.flatMap((name) => (Object.hasOwn(variables, name) ? [[name, variables[name]]] : [])),
  )
}

function usedVariables(
  fields: readonly FieldNode[],
  fragments: readonly FragmentDefinitionNode[],
): ReadonlySet<string> {
  const used = new Set<string>()
  const visitor = {
    Variable: { enter: (node: { name: { value: string } }) => void used.add(node.name.value) },
  }
  for (const node of [...fields, ...fragments]) visit(node, visitor)
  return used
}
