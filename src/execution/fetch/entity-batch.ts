import type { RawObject } from '../../kernel/fetch-outcome.js'
import type { EntityBatch } from '../../kernel/query-plan.js'
import { hangEntity } from '../layout/entity-slots.js'
import type { ResponsePath } from '../response-path.js'
import { compileTargets, toResponsePath, type Targets } from './flatten-path.js'
import { compileRepresent, EntityRequests, type EntityRequest, type Represent } from './representation.js'
import { compilePathRenames, compileRewrites } from './rewrites.js'
import type { PlanScope, Run } from './run.js'

/** A condition in the text of a fetch; one in a string literal does no harm. */
const CONDITION = /@(skip|include)\b/

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
export interface BatchFetch {
  readonly subgraph: string
  readonly operation: string
}

/** The objects at one path of a batch. */
interface Place {
  readonly targets: Targets
  readonly represent: Represent
}

export function compileBatch(
  batch: EntityBatch,
  slot: symbol | undefined,
  fetch: BatchFetch,
  scope: PlanScope,
): CompiledBatch {
  const places = batch.paths.map((path) => compilePlace(path, { batch, slot, fetch, scope }))
  return {
    alias: batch.alias,
    variable: batch.representationsVariable,
    positions: batch.paths.map(toResponsePath),
    collect: compileCollect(places, mayLeaveGaps(batch, fetch)),
    deliver: slot === undefined ? compileMerging(batch, scope) : hangIn(slot),
    locate: compileLocate(batch, places),
  }
}

interface BatchParts {
  readonly batch: EntityBatch
  readonly slot: symbol | undefined
  readonly fetch: BatchFetch
  readonly scope: PlanScope
}

function compilePlace(path: EntityBatch['paths'][number], { batch, slot, fetch, scope }: BatchParts): Place {
  const { layout, tools } = scope
  const targets = compileTargets(path, layout.root, tools.types)
  const { requires, inputRewrites } = batch
  const plan = { requires, inputRewrites, slot, subgraph: fetch.subgraph, layout: targets.layout }
  return { targets, represent: compileRepresent(plan, tools) }
}

/**
 * Leaves an entity out, without an error, where the data does not suffice: whoever caused that has been
 * reported already.
 *
 * Where a fetch may leave gaps, the entity is asked for with what there is, as long as no fault explains what is
 * missing.
 */
function compileCollect(places: readonly Place[], mayHaveGaps: boolean): CompiledBatch['collect'] {
  return (run) => {
    const requests = new EntityRequests()
    for (const { targets, represent } of places) {
      targets.visitDistinct(run.data, (target) => {
        const request = represent(target, requests, run.isEscapeFree)
        if (request === undefined) return
        if (request.isComplete || (mayHaveGaps && !isExplained(run, targets, target))) {
          request.targets.push(target)
        }
      })
    }
    return requests.all.filter((request) => request.targets.length > 0)
  }
}

/**
 * Says whether a required field may be missing because a request, or an object, does not need it: `@skip` and
 * `@include` decide about parts of the fetch, or all types of an interface go under one name, to which Apollo's
 * planner gives what fields of any of them require.
 */
function mayLeaveGaps({ inputRewrites }: EntityBatch, { operation }: BatchFetch): boolean {
  return CONDITION.test(operation) || inputRewrites.length > 0
}

/** Says whether a fault accounts for what is missing of an object. */
function isExplained(run: Run, targets: Targets, object: RawObject): boolean {
  let isFound = false
  targets.visitPlaces(run.data, (target, path) => {
    if (target === object && run.errors.explains(path)) isFound = true
  })
  return isFound
}

function hangIn(slot: symbol): CompiledBatch['deliver'] {
  return (request, entity) => {
    for (const target of request.targets) hangEntity(target, slot, entity)
  }
}

function compileMerging(batch: EntityBatch, { tools }: PlanScope): CompiledBatch['deliver'] {
  const rewrite = compileRewrites(batch.outputRewrites, tools.types)
  return (request, entity) => {
    rewrite?.(entity)
    tools.merge(request.targets, entity)
  }
}

/** Walks the data again rather than keep a path for every entity: errors are rare, entities are not. */
function compileLocate(batch: EntityBatch, places: readonly Place[]): CompiledBatch['locate'] {
  const renamePath = compilePathRenames(batch.outputRewrites)
  return (data, request, path) => {
    const wanted = new Set(request.targets)
    const inner = renamePath(path)
    const found: ResponsePath[] = []
    for (const { targets } of places) {
      targets.visitPlaces(data, (object, position) => {
        if (wanted.has(object)) found.push([...position, ...inner])
      })
    }
    return found
  }
}
