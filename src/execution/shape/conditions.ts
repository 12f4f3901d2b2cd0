import { Kind, type FieldNode, type InlineFragmentNode } from 'graphql'
import { conditionOf, holds } from '../../kernel/condition-variables.js'
import type { VariableValues } from '../../kernel/operation.js'

/** Says whether a selection takes part, its `@skip` and `@include` considered (GraphQL specification §3.13). */
export type IsIncluded = (selection: Pick<FieldNode | InlineFragmentNode, 'directives'>) => boolean

/** Judges selections by the values of some variables; the values are read once, here. */
export function createInclusion(names: readonly string[], variables: VariableValues): IsIncluded {
  const held = new Set(names.filter((name) => holds(name, variables)))
  return ({ directives = [] }) =>
    directives.every((directive) => {
      const condition = conditionOf(directive)
      if (condition === undefined) return true
      const isTrue =
        condition.kind === Kind.VARIABLE
          ? held.has(condition.name.value)
          : condition.kind === Kind.BOOLEAN && condition.value
      return isTrue === (directive.name.value === 'include')
    })
}
