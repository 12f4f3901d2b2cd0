import {
  Kind,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type InlineFragmentNode,
} from 'graphql'
import type { VariableValues } from '../../kernel/operation.js'

/** Says whether a selection takes part, its `@skip` and `@include` considered (GraphQL specification §3.13). */
export type IsIncluded = (selection: Pick<FieldNode | InlineFragmentNode, 'directives'>) => boolean

/** The names of the variables that decide about selections of a document. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>()
  visit(document, {
    Directive: (directive) => {
      const condition = conditionOf(directive)
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value)
    },
  })
  return [...names].sort()
}

/** Judges selections by the values of some variables; the values are read once, here. */
export function createInclusion(names: readonly string[], variables: VariableValues): IsIncluded {
  const held = new Set(names.filter((name) => isTrue(name, variables)))
  return ({ directives = [] }) =>
    directives.every((directive) => {
      const condition = conditionOf(directive)
      if (condition === undefined) return true
      const holds =
        condition.kind === Kind.VARIABLE
          ? held.has(condition.name.value)
          : condition.kind === Kind.BOOLEAN && condition.value
      return holds === (directive.name.value === 'include')
    })
}

/** Equal exactly when the same selections take part. */
export function inclusionKey(names: readonly string[], variables: VariableValues): string {
  let key = ''
  for (const name of names) key += isTrue(name, variables) ? '1' : '0'
  return key
}

function isTrue(name: string, variables: VariableValues): boolean {
  return Object.hasOwn(variables, name) && variables[name] === true
}

function conditionOf(directive: DirectiveNode) {
  if (directive.name.value !== 'skip' && directive.name.value !== 'include') return undefined
  return directive.arguments?.find((argument) => argument.name.value === 'if')?.value
}
