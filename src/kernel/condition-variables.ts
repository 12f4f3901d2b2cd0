import { Kind, visit, type DirectiveNode, type DocumentNode, type ValueNode } from 'graphql'
import type { VariableValues } from './operation.js'

const known = new WeakMap<DocumentNode, readonly string[]>()

/** The variables in `@skip` and `@include` of a document, sorted: they change what is selected (security notes, R9). */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const before = known.get(document)
  if (before) return before
  const names = new Set<string>()
  visit(document, {
    Directive: (directive) => {
      const condition = conditionOf(directive)
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value)
    },
  })
  const sorted = [...names].sort()
  known.set(document, sorted)
  return sorted
}

/**
 * Names one combination of conditions; equal only where the same selections take part.
 *
 * A condition without a value has a letter of its own: whoever asks with variables that were not coerced must not be
 * answered from what is remembered for false.
 */
export function conditionKey(names: readonly string[], variables: VariableValues): string {
  let key = ''
  for (const name of names) {
    const value = conditionValue(name, variables)
    key += value === undefined ? '?' : value ? '1' : '0'
  }
  return key
}

export function holds(name: string, variables: VariableValues): boolean {
  return conditionValue(name, variables) === true
}

/** Undefined where there is no value, or none that decides; what objects inherit is no value. */
export function conditionValue(name: string, variables: VariableValues): boolean | undefined {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined
  return typeof value === 'boolean' ? value : undefined
}

/** What a `@skip` or `@include` decides by; undefined for other directives. */
export function conditionOf({ name, arguments: given }: DirectiveNode): ValueNode | undefined {
  if (name.value !== 'skip' && name.value !== 'include') return undefined
  return given?.find((argument) => argument.name.value === 'if')?.value
}
