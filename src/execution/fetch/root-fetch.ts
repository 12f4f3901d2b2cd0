import type { FetchNode, FlattenSegment } from '../../kernel/query-plan.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import type { SubgraphReply } from '../../kernel/upstream-call.js'
import type { ResponsePath } from '../response-path.js'
import { readErrorPath } from './error-path.js'
import { malformed, performEvent, performExchange } from './exchange.js'
import { compileTargets, toResponsePath } from './flatten-path.js'
import { compileRequestBody } from './request-body.js'
import { compilePathRenames, compileRewrites } from './rewrites.js'
import { rootKeys } from './root-keys.js'
import type { PlanScope, Run, Step } from './run.js'

/**
 * Compiles a fetch that starts at the subgraph's root type.
 *
 * It may stand below a flatten path: a field that returns the root type again (`mutation { f { query { … } } }`).
 */
export function compileRootFetch(
  fetch: FetchNode,
  segments: readonly FlattenSegment[],
  scope: PlanScope,
): Step {
  const { visitDistinct } = compileTargets(segments, scope.layout.root, scope.tools.types)
  const writeBody = compileRequestBody(fetch)
  const { place, take } = compileTake(fetch, segments, scope)
  return (run) => {
    const targets: RawObject[] = []
    visitDistinct(run.data, (target) => targets.push(target))
    if (targets.length === 0) return undefined
    const body = writeBody(run.variables)
    return performExchange(scope.tools, run, {
      fetch,
      place,
      body,
      take: (reply) => take(run, targets, reply),
    })
  }
}

/** Compiles the fetch that a subscription begins with: what it would have brought is there, as the run's event. */
export function compileEventFetch(fetch: FetchNode, scope: PlanScope): Step {
  const { place, take } = compileTake(fetch, [], scope)
  return (run) => {
    if (run.event === undefined) return undefined
    performEvent(scope.tools, run, { fetch, place, take: (reply) => take(run, [run.data], reply) }, run.event)
    return undefined
  }
}

/** How the reply of a root fetch is taken over, and where in the answer it stands. */
function compileTake(fetch: FetchNode, segments: readonly FlattenSegment[], { tools }: PlanScope) {
  const rewriteOutput = compileRewrites(fetch.outputRewrites, tools.types)
  const renamePath = compilePathRenames(fetch.outputRewrites)
  const prefix = toResponsePath(segments)
  const { subgraph } = fetch
  const positions = () => rootKeys(fetch).map((key) => [...prefix, ...renamePath([key])])
  const place = { subgraph, positions }

  const locate = (path: ResponsePath): readonly ResponsePath[] =>
    path.length === 0 ? [] : [[...prefix, ...renamePath(path)]]

  function take(run: Run, targets: readonly RawObject[], reply: SubgraphReply): void {
    if (reply.errors.length > 0) {
      tools.faults.reported(run, place, reply.errors, (error) => locate(readErrorPath(error)))
    }
    if (reply.data === null) {
      if (reply.errors.length === 0) throw malformed(subgraph)
      for (const position of positions()) run.errors.explain(position)
      return
    }
    rewriteOutput?.(reply.data)
    tools.merge(targets, reply.data)
  }

  return { place, take }
}
