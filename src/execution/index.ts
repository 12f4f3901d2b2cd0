import type { Fetched, Opened, Planned, Shaped } from '../kernel/contexts.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Logger } from '../kernel/ports/logger.js'
import { NO_METRICS, type Metrics } from '../kernel/ports/metrics.js'
import type { Stage } from '../kernel/stage.js'
import type { Supergraph } from '../kernel/supergraph.js'
import type { CallSubgraph, OpenSubgraphEvents, SubgraphCall } from '../kernel/upstream-call.js'
import { createFetchStage } from './fetch/fetch-stage.js'
import { createOpenStage } from './fetch/open-stage.js'
import type { ExecutionOptions } from './options.js'
import { createShapeStage } from './shape/shape-stage.js'

export { executionOptions, type ExecutionOptions } from './options.js'

/** What execution works with: one generation's supergraph and the guarded way to its subgraphs. */
export interface ExecutionPorts {
  readonly supergraph: Supergraph
  readonly call: CallSubgraph
  /** Absent: subscriptions find no subgraph. */
  readonly openEvents?: OpenSubgraphEvents
  readonly logger: Logger
  readonly metrics?: Metrics
  readonly givesCookies?: boolean
}

/** The last two stages of the line. */
export interface Execution {
  /** Subscribes at a subgraph; what comes is then fetched and shaped, event by event. */
  readonly open: Stage<Planned, Opened>
  /** Runs the plan: calls subgraphs, merges what they say. */
  readonly fetch: Stage<Planned, Fetched>
  /** Makes the answer: null propagation, refused fields, introspection. Never waits. */
  readonly shape: Stage<Fetched, Shaped>
}

/** Makes the stages for one generation; plans and operations are compiled when they are first seen. */
export function createExecution(options: ExecutionOptions, ports: ExecutionPorts): Execution {
  const { supergraph, call, logger, metrics = NO_METRICS, givesCookies } = ports
  return {
    open: createOpenStage(ports.openEvents ?? noEvents),
    fetch: createFetchStage(options, { supergraph, call, logger, givesCookies }),
    shape: createShapeStage(options, { supergraph, logger, metrics }),
  }
}

function noEvents(call: SubgraphCall): Promise<never> {
  return Promise.reject(
    new GatewayError('SUBGRAPH_UNAVAILABLE', `Subgraph '${call.subgraph}' cannot be subscribed to.`),
  )
}
