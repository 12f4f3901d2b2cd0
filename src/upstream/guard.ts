import type { Clock } from '../kernel/ports/clock.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { CallSubgraph } from '../kernel/upstream-call.js'
import { Breaker } from './breaker.js'
import type { UpstreamOptions } from './options.js'
import { Standing } from './standing.js'
import { withBreaker } from './with-breaker.js'
import { withBulkhead } from './with-bulkhead.js'
import { withDeadline } from './with-deadline.js'
import { withObservation } from './with-observation.js'
import { withRetry } from './with-retry.js'

export interface UpstreamPorts {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** One subgraph behind its guard. */
export interface GuardedSubgraph {
  readonly call: CallSubgraph
  readonly standing: Standing
}

/** Puts the guards around the transport of one subgraph; the order is written here and nowhere else. */
export function guard(
  subgraph: { readonly name: string; readonly timeoutMs: number },
  options: UpstreamOptions,
  ports: UpstreamPorts,
  transport: CallSubgraph,
): GuardedSubgraph {
  const breaker = new Breaker(options.breaker, ports.clock)
  const standing = new Standing(subgraph.name, breaker)

  let call = transport
  // Next to the wire: each attempt counts, and a repeat is refused once the breaker has opened.
  if (options.breaker.enabled) call = withBreaker(breaker, ports.logger, call)
  // Over the breaker, so that a refusal by it is never repeated; inside the bulkhead, so that a repeat keeps its place.
  call = withRetry(options.retry, call)
  // Counts callers, not attempts; its refusals must not look like faults to the breaker inside.
  call = withBulkhead(options.maxConcurrentCalls, ports.logger, call)
  // Around everything that can wait: one time limit for the call with its repeats.
  call = withDeadline(subgraph.timeoutMs, call)
  // Outermost: sees what the caller sees, refusals without a network hop included.
  call = withObservation({ ...ports, standing }, call)
  return { call, standing }
}
