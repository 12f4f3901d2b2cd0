import { Kind, type DocumentNode, type SelectionNode, type ValueNode } from 'graphql'
import { conditionOf, conditionValue, conditionVariables } from './condition-variables.js'
import type { VariableValues } from './operation.js'

/**
 * Says whether a selection takes part, its `@skip` and `@include` considered (GraphQL specification §3.13).
 *
 * Raises where a condition has no value: whoever asks with variables that were not coerced must not be told anything.
 */
export function isIncluded(
  { directives }: Pick<SelectionNode, 'directives'>,
  variables: VariableValues,
): boolean {
  if (directives === undefined) return true
  return directives.every((directive) => {
    const condition = conditionOf(directive)
    return condition === undefined || valueOf(condition, variables) === (directive.name.value === 'include')
  })
}

function valueOf(condition: ValueNode, variables: VariableValues): boolean {
  if (condition.kind === Kind.BOOLEAN) return condition.value
  const name = condition.kind === Kind.VARIABLE ? condition.name.value : ''
  const value = conditionValue(name, variables)
  if (value === undefined) throw new Error(`The condition $${name} has no value.`)
  return value
}

/** Of a request's variables those that decide, so that what is remembered for others holds no more of them. */
export function conditionsAmong(document: DocumentNode, variables: VariableValues): VariableValues {
  const conditions: [string, boolean][] = []
  for (const name of conditionVariables(document)) {
    const value = conditionValue(name, variables)
    if (value !== undefined) conditions.push([name, value])
  }
  return Object.fromEntries(conditions)
}
