import type {
  BatchFetchNode,
  EntityBatch,
  FetchNode,
  FlattenSegment,
  RootNode,
} from '../../kernel/query-plan.js'
import type { SelectionKeys } from '../../kernel/fetch-outcome.js'
import { readSelectionKeys } from './selection-keys.js'

/** One place of a plan that puts data into the answer, in the order in which the plan names them. */
export interface Delivery {
  /** What a fetch node or batch is known by. */
  readonly source: FetchNode | EntityBatch
  /** Response keys from the root to each place where the data goes. */
  readonly positions: readonly (readonly string[])[]
  /** Undefined where the text does not tell. */
  readonly keys: SelectionKeys | undefined
  /** True for entities, which may hang on the objects that stand for them. */
  readonly isOfEntities: boolean
}

/** Lists what the fetches of a plan deliver. */
export function listDeliveries(node: RootNode | undefined): readonly Delivery[] {
  const deliveries: Delivery[] = []
  if (node) visit(node, [], deliveries)
  return deliveries
}

function visit(node: RootNode, path: readonly FlattenSegment[], into: Delivery[]): void {
  switch (node.kind) {
    case 'Subscription':
      visit(node.primary, path, into)
      if (node.rest) visit(node.rest, path, into)
      return
    case 'Sequence':
    case 'Parallel':
      for (const inner of node.nodes) visit(inner, path, into)
      return
    case 'Flatten':
      visit(node.node, [...path, ...node.path], into)
      return
    case 'Condition':
      if (node.ifTrue) visit(node.ifTrue, path, into)
      if (node.ifFalse) visit(node.ifFalse, path, into)
      return
    case 'Fetch':
      into.push(ofFetch(node, path))
      return
    case 'BatchFetch':
      into.push(...ofBatches(node))
  }
}

function ofFetch(node: FetchNode, path: readonly FlattenSegment[]): Delivery {
  const keys = readSelectionKeys(node)
  const isOfEntities = node.requires !== undefined
  return {
    source: node,
    positions: [keysOf(path)],
    keys: isOfEntities ? keys?.get('_entities') : keys,
    isOfEntities,
  }
}

function ofBatches(node: BatchFetchNode): readonly Delivery[] {
  const keys = readSelectionKeys(node)
  return node.batches.map((batch) => ({
    source: batch,
    positions: batch.paths.map(keysOf),
    keys: keys?.get(batch.alias),
    isOfEntities: true,
  }))
}

function keysOf(path: readonly FlattenSegment[]): readonly string[] {
  return path.flatMap((segment) => (segment.kind === 'key' ? [segment.key] : []))
}
