import {
  Kind,
  parse,
  valueFromASTUntyped,
  type ArgumentNode,
  type DirectiveNode,
  type SelectionSetNode,
} from 'graphql'
import type { Planned } from '../kernel/contexts.js'

/**
 * Says whether the source that `opened` was opened for brings everything that `now` begins with: the same subgraph asked
 * for the same, or for more. What is more is refused now, and left out when the answer is shaped.
 *
 * In doubt it does not. Arguments are compared by their values, since plans number their variables each for itself.
 */
export function sourceCovers(opened: Planned, now: Planned): boolean {
  const [before, after] = [opened.plan.node, now.plan.node]
  if (before?.kind !== 'Subscription' || after?.kind !== 'Subscription') return false
  const [source, wanted] = [before.primary, after.primary]
  if (source.subgraph !== wanted.subgraph) return false
  // They are written for the one selection and might miss in the other.
  if (JSON.stringify(source.outputRewrites) !== JSON.stringify(wanted.outputRewrites)) return false
  const has = fieldsOf(source.operation, opened.planVariables)
  const asks = fieldsOf(wanted.operation, now.planVariables)
  if (has === undefined || asks === undefined) return false
  for (const field of asks) if (!has.has(field)) return false
  return true
}

type Values = Planned['planVariables']

/** Every field with its way from the root, as text; undefined where a named fragment hides some. */
function fieldsOf(operation: string, values: Values): ReadonlySet<string> | undefined {
  const [definition, ...others] = parse(operation, { noLocation: true }).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION || others.length > 0) return undefined
  const fields = new Set<string>()
  collect(definition.selectionSet, '', values, fields)
  return fields
}

function collect({ selections }: SelectionSetNode, way: string, values: Values, into: Set<string>): void {
  for (const selection of selections) {
    const conditions = (selection.directives ?? []).map((one) => writeDirective(one, values)).join('')
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value
      const args = writeArguments(selection.arguments, values)
      const step = `${way}/${key}:${selection.name.value}${args}${conditions}`
      into.add(step)
      if (selection.selectionSet) collect(selection.selectionSet, step, values, into)
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const type = selection.typeCondition?.name.value ?? ''
      collect(selection.selectionSet, `${way}/...${type}${conditions}`, values, into)
    }
  }
}

function writeDirective({ name, arguments: args }: DirectiveNode, values: Values): string {
  return `@${name.value}${writeArguments(args, values)}`
}

function writeArguments(args: readonly ArgumentNode[] | undefined, values: Values): string {
  const written = (args ?? []).map(({ name, value }) => [
    name.value,
    valueFromASTUntyped(value, values) ?? null,
  ])
  return JSON.stringify(written.sort())
}
