import type { BatchFetchNode, FetchNode } from '../../kernel/query-plan.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import { isRecord } from '../../kernel/is-record.js'
import type { SubgraphReply, SubgraphReplyError } from '../../kernel/upstream-call.js'
import { isList, ownValue } from '../own-property.js'
import type { ResponsePath } from '../response-path.js'
import type { CompiledBatch } from './entity-batch.js'
import { readErrorPath } from './error-path.js'
import { malformed, performExchange } from './exchange.js'
import type { FetchPlace } from './fault-reporter.js'
import type { EntityRequest } from './representation.js'
import { compileRequestBody } from './request-body.js'
import type { PlanScope, PlanTools, Run, Step } from './run.js'
import { typenameOf, type TypeIndex } from './type-index.js'

/** What one batch asks for in one request. */
interface Asked {
  readonly batch: CompiledBatch
  readonly requests: readonly EntityRequest[]
}

/**
 * Compiles a fetch of entities by their representations (Apollo subgraph specification, `Query._entities`).
 *
 * A fetch with one list and a batch fetch with several differ only in how many batches they have.
 */
export function compileEntityFetch(
  fetch: FetchNode | BatchFetchNode,
  batches: readonly CompiledBatch[],
  { tools }: PlanScope,
): Step {
  const writeBody = compileRequestBody(fetch)
  return (run) => {
    const asked = batches.map((batch) => ({ batch, requests: batch.collect(run) }))
    if (asked.every(({ requests }) => requests.length === 0)) return undefined
    const lists = asked.map(({ batch, requests }) => ({
      variable: batch.variable,
      texts: requests.map((request) => request.text),
    }))
    const place = placeOf(fetch.subgraph, asked)
    return performExchange(tools, run, {
      fetch,
      place,
      body: writeBody(run.variables, lists),
      take: (reply) => takeEntities(tools, run, place, asked, reply),
    })
  }
}

function placeOf(subgraph: string, asked: readonly Asked[]): FetchPlace {
  const positions = () =>
    asked.flatMap(({ batch, requests }) => (requests.length === 0 ? [] : batch.positions))
  return { subgraph, positions }
}

function takeEntities(
  tools: PlanTools,
  run: Run,
  place: FetchPlace,
  asked: readonly Asked[],
  reply: SubgraphReply,
): void {
  if (reply.errors.length > 0) {
    tools.faults.reported(run, place, reply.errors, (error) => locate(run.data, asked, error))
  }
  // Everything is checked before anything is merged: a reply that lies in one place is not trusted in another.
  const lists = asked.map(({ batch, requests }) => readEntities(reply, batch.alias, requests, tools.types))
  if (lists.includes('malformed')) throw malformed(place.subgraph)
  for (const [index, { batch, requests }] of asked.entries()) {
    const list = lists[index]
    if (list === 'absent') for (const position of batch.positions) run.errors.explain(position)
    else if (isList(list)) deliver(batch, requests, list)
  }
}

function deliver(
  batch: CompiledBatch,
  requests: readonly EntityRequest[],
  entities: readonly unknown[],
): void {
  for (const [index, request] of requests.entries()) {
    const entity = entities[index]
    if (isRecord(entity)) batch.deliver(request, entity)
  }
}

/** The entities of one list, one per request; `absent` where the subgraph's own errors explain why. */
function readEntities(
  reply: SubgraphReply,
  alias: string,
  requests: readonly EntityRequest[],
  types: TypeIndex,
): unknown[] | 'absent' | 'malformed' {
  const entities = reply.data === null ? null : ownValue(reply.data, alias)
  if ((entities === null || entities === undefined) && reply.errors.length > 0) return 'absent'
  if (!isList(entities) || entities.length !== requests.length) return 'malformed'
  const fit = requests.every((request, index) => isFitting(entities[index], request.typename, types))
  return fit ? entities : 'malformed'
}

/** A null is an entity that the subgraph does not know; an object must be of the type that was asked for. */
function isFitting(entity: unknown, asked: string, types: TypeIndex): boolean {
  if (entity === null) return true
  if (!isRecord(entity)) return false
  if (!Object.hasOwn(entity, '__typename')) return true
  const given = typenameOf(entity)
  if (given === undefined) return false
  return types.satisfying(asked).has(given) || types.satisfying(given).has(asked)
}

/** The client's paths of an error below one of the lists; none where its path does not name an entity. */
function locate(
  data: RawObject,
  asked: readonly Asked[],
  error: SubgraphReplyError,
): readonly ResponsePath[] {
  const [alias, index, ...rest] = readErrorPath(error)
  const hit = asked.find(({ batch }) => batch.alias === alias)
  if (!hit) return []
  const request = typeof index === 'number' ? hit.requests[index] : undefined
  return request ? hit.batch.locate(data, request, rest) : hit.batch.positions.slice(0, 1)
}
