import type { BatchFetchNode, EntityBatch, FetchNode } from '../../kernel/query-plan.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import type { ResponsePath } from '../response-path.js'
import { compileWalk, toResponsePath, type WalkTargets } from './flatten-path.js'
import { compileIdentifying } from './entity-keys.js'
import { copyJson } from './merge.js'
import { compileRepresent } from './representation.js'
import { compilePathRenames, compileRewrites } from './rewrites.js'
import type { PlanTools, Run } from './run.js'
import { typenameOf } from './type-index.js'

/** A condition in the text of a fetch; one in a string literal does no harm. */
const CONDITION = /@(skip|include)\b/

/** One entity to be asked for, and every object of the answer that waits for it. */
export interface EntityRequest {
  /** The representation as JSON text. */
  readonly text: string
  readonly typename: string
  readonly targets: RawObject[]
}

/** One `_entities` list of a fetch, compiled: what to ask, where to put it, how to name its errors. */
export interface CompiledBatch {
  readonly alias: string
  readonly variable: string
  /** The positions that it fills, as clients know them. */
  readonly positions: readonly ResponsePath[]
  /** Collects the entities to ask for, each distinct representation once. */
  readonly collect: (run: Run) => readonly EntityRequest[]
  readonly deliver: (request: EntityRequest, entity: RawObject) => void
  /** The client's paths of something inside an entity, `path` being the subgraph's path from there. */
  readonly locate: (data: RawObject, request: EntityRequest, path: ResponsePath) => readonly ResponsePath[]
}

/** The fetch to which a batch belongs. */
type BatchFetch = Pick<FetchNode | BatchFetchNode, 'subgraph' | 'operation'>

export function compileBatch(batch: EntityBatch, fetch: BatchFetch, tools: PlanTools): CompiledBatch {
  const walks = batch.paths.map((path) => compileWalk(path, tools.types))
  const walkAll: WalkTargets = (data, visit) => {
    for (const walk of walks) walk(data, visit)
  }
  return {
    alias: batch.alias,
    variable: batch.representationsVariable,
    positions: batch.paths.map(toResponsePath),
    collect: compileCollect(batch, fetch, walkAll, tools),
    deliver: compileDeliver(batch, tools),
    locate: compileLocate(batch, walkAll),
  }
}

/**
 * Leaves an entity out, without an error, where the data does not suffice: whoever caused that has been
 * reported already.
 *
 * Where `@skip` or `@include` decide about parts of a fetch, a required field may be missing because this
 * request does not need it. The entity is then asked for with what there is, as long as no fault explains the
 * gap.
 */
function compileCollect(
  batch: EntityBatch,
  fetch: BatchFetch,
  walk: WalkTargets,
  tools: PlanTools,
): CompiledBatch['collect'] {
  const represent = compileRepresent(batch.requires, tools.types)
  const rewrite = compileRewrites(batch.inputRewrites, tools.types)
  const isIdentifying = compileIdentifying(fetch.subgraph, tools.entityKeys)
  const mayHaveGaps = CONDITION.test(fetch.operation)
  return (run) => {
    const requests = new Map<string, EntityRequest>()
    walk(run.data, (target, path) => {
      const representation: RawObject = {}
      const isComplete = represent(target, representation)
      if (!isComplete && (!mayHaveGaps || run.errors.explains(path))) return
      rewrite?.(representation)
      const typename = typenameOf(representation)
      if (typename === undefined || !isIdentifying(typename, representation)) return
      const text = JSON.stringify(representation)
      const known = requests.get(text)
      if (known) known.targets.push(target)
      else requests.set(text, { text, typename, targets: [target] })
    })
    return [...requests.values()]
  }
}

function compileDeliver(batch: EntityBatch, tools: PlanTools): CompiledBatch['deliver'] {
  const rewrite = compileRewrites(batch.outputRewrites, tools.types)
  return (request, entity) => {
    const rewritten = rewrite ? (copyJson(entity) as RawObject) : entity
    rewrite?.(rewritten)
    for (const target of request.targets) tools.merge(target, rewritten)
  }
}

/** Walks the data again rather than keep a path for every entity: errors are rare, entities are not. */
function compileLocate(batch: EntityBatch, walk: WalkTargets): CompiledBatch['locate'] {
  const renamePath = compilePathRenames(batch.outputRewrites)
  return (data, request, path) => {
    const wanted = new Set(request.targets)
    const inner = renamePath(path)
    const found: ResponsePath[] = []
    walk(data, (object, position) => {
      if (wanted.has(object)) found.push([...position, ...inner])
    })
    return found
  }
}
