import {
  Kind,
  parse,
  valueFromASTUntyped,
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type SelectionSetNode,
} from 'graphql'
import type { Planned } from '../kernel/contexts.js'
import type { FetchNode } from '../kernel/query-plan.js'

/**
 * Says whether the source that `opened` was opened for brings everything that `now` begins with: the same subgraph asked
 * for the same, or for more. What is more is refused now, and left out when the answer is shaped.
 *
 * In doubt it does not. Arguments are compared by their values, since plans number their variables each for itself.
 *
 * `isReduced` says that `now` asks for less than `opened` and for nothing else: names of types then stand there only in
 * place of what was taken out, unless entities are fetched by them. An object whose type nobody told has every field
 * refused that is refused under any type, so that these need not come.
 */
export function sourceCovers(opened: Planned, now: Planned, isReduced = false): boolean {
  const [before, after] = [opened.plan.node, now.plan.node]
  if (before?.kind !== 'Subscription' || after?.kind !== 'Subscription') return false
  const [source, wanted] = [before.primary, after.primary]
  if (source.subgraph !== wanted.subgraph) return false
  // They are written for the one selection and might miss in the other.
  if (JSON.stringify(source.outputRewrites) !== JSON.stringify(wanted.outputRewrites)) return false
  const has = fieldsOf(source, opened.planVariables)
  const isNeeded = isReduced ? neededNames(after.rest !== undefined) : undefined
  const asks = fieldsOf(wanted, now.planVariables, isNeeded)
  if (has === undefined || asks === undefined) return false
  for (const field of asks) if (!has.has(field)) return false
  return true
}

type Values = Planned['planVariables']

/** Says whether a field of a selection set is needed. */
type IsNeeded = (field: FieldNode, set: SelectionSetNode) => boolean

const neededNames =
  (fetchesEntities: boolean): IsNeeded =>
  ({ name }, { selections }) =>
    name.value !== '__typename' || (fetchesEntities && selections.length > 1)

const parsed = new WeakMap<FetchNode, DocumentNode>()

function documentOf(fetch: FetchNode): DocumentNode {
  const document = parsed.get(fetch) ?? parse(fetch.operation, { noLocation: true })
  parsed.set(fetch, document)
  return document
}

/** Every field with its way from the root, as text; undefined where a named fragment hides some. */
function fieldsOf(fetch: FetchNode, values: Values, isNeeded?: IsNeeded): ReadonlySet<string> | undefined {
  const [definition, ...others] = documentOf(fetch).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION || others.length > 0) return undefined
  const fields = new Set<string>()
  collect(definition.selectionSet, '', { values, isNeeded, into: fields })
  return fields
}

interface Collecting {
  readonly values: Values
  readonly isNeeded: IsNeeded | undefined
  readonly into: Set<string>
}

function collect(set: SelectionSetNode, way: string, collecting: Collecting): void {
  const { values, isNeeded, into } = collecting
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD && isNeeded?.(selection, set) === false) continue
    const conditions = (selection.directives ?? []).map((one) => writeDirective(one, values)).join('')
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value
      const args = writeArguments(selection.arguments, values)
      const step = `${way}/${key}:${selection.name.value}${args}${conditions}`
      into.add(step)
      if (selection.selectionSet) collect(selection.selectionSet, step, collecting)
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const type = selection.typeCondition?.name.value ?? ''
      collect(selection.selectionSet, `${way}/...${type}${conditions}`, collecting)
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
