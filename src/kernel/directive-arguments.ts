import { valueFromASTUntyped, type ConstDirectiveNode } from 'graphql'

/** The arguments that are written on a directive, by name; defaults of its definition are not among them. */
export function directiveArguments(directive: ConstDirectiveNode): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
  )
}
