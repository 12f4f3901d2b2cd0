import { Kind, type DocumentNode, type OperationDefinitionNode } from 'graphql'
import type { ErrorCode } from '../kernel/error-catalogue.js'
import { fragmentsByName, type FragmentsByName } from '../kernel/fragments-by-name.js'
import { GatewayError } from '../kernel/gateway-error.js'
import { countOverlaps } from './count-overlaps.js'
import { clip } from './error-detail.js'
import type { Introspecting } from './introspection.js'
import { createSelectionMeasure, type SelectionSize } from './measure-selections.js'
import type { DocumentsOptions, DocumentLimits } from './options.js'

/** What GraphiQL and other tools need below `__schema`; validation bounds the lists among it. */
const INTROSPECTION_DEPTH = 20

/**
 * Refuses a document whose shape is over a limit, in time linear in its length.
 *
 * Runs before validation, parts of which take quadratic time, and long before planning. Every operation of the
 * document must be within the limits, whichever is asked for. Gives those that introspect.
 */
export function checkLimits(
  document: DocumentNode,
  { limits }: Pick<DocumentsOptions, 'limits'>,
): Introspecting {
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  )
  atMost(limits.operations, operations.length, 'MAX_TOKENS_LIMIT', 'operations')
  atMost(limits.fragments, document.definitions.length - operations.length, 'MAX_TOKENS_LIMIT', 'fragments')

  const fragments = fragmentsByName(document)
  const { measure, reached } = createSelectionMeasure(fragments)
  const introspecting = new Set<OperationDefinitionNode>()
  let overlaps = 0
  for (const operation of operations) {
    const size = measure(operation.selectionSet)
    checkSize(operation, size, limits)
    if (size.introspectionDepth > 0) introspecting.add(operation)
    overlaps += countOverlaps(operation.selectionSet, fragments)
    atMost(limits.overlaps, overlaps, 'MAX_TOKENS_LIMIT', 'pairs of fields in one place')
  }
  refuseUnused(fragments, reached)
  return introspecting
}

/** A fragment that no operation reaches was not measured, so validation must not come to see it. */
function refuseUnused(fragments: FragmentsByName, reached: ReadonlyMap<string, unknown>): void {
  for (const name of fragments.keys()) {
    if (reached.has(name)) continue
    throw new GatewayError('GRAPHQL_VALIDATION_FAILED', clip(`Fragment "${name}" is never used.`))
  }
}

function checkSize(operation: OperationDefinitionNode, size: SelectionSize, limits: DocumentLimits): void {
  const introspectionDepth = Math.max(limits.depth, INTROSPECTION_DEPTH)
  atMost(limits.variables, operation.variableDefinitions?.length ?? 0, 'MAX_TOKENS_LIMIT', 'variables')
  atMost(limits.depth, size.depth, 'MAX_DEPTH_LIMIT', 'levels of fields')
  atMost(introspectionDepth, size.introspectionDepth, 'MAX_DEPTH_LIMIT', 'levels of introspection')
  atMost(limits.rootFields, size.fields, 'MAX_ROOT_FIELDS_LIMIT', 'root fields')
  atMost(limits.aliases, size.aliases, 'MAX_ALIASES_LIMIT', 'aliases')
  atMost(limits.expandedSelections, size.selections, 'MAX_TOKENS_LIMIT', 'selections with fragments expanded')
  atMost(limits.nesting, size.nesting, 'MAX_DEPTH_LIMIT', 'selections inside each other')
}

function atMost(limit: number, count: number, code: ErrorCode, what: string): void {
  if (count > limit) throw new GatewayError(code, `The document has more than ${limit} ${what}.`)
}
