import type { Clock } from '../kernel/ports/clock.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { CallSubgraph } from '../kernel/upstream-call.js'
import { Breaker } from './breaker.js'
import type { InFlight } from './in-flight.js'
import type { UpstreamOptions } from './options.js'
import { isFault, type SendCall } from './send-call.js'
import { Standing } from './standing.js'
import type { TimeLimits } from '../kernel/time-limits.js'
import { withBreaker } from './with-breaker.js'
import { withBulkhead } from './with-bulkhead.js'
import { withDeadline } from './with-deadline.js'
import { withObservation } from './with-observation.js'
import { withRetry } from './with-retry.js'
import { withSharing } from './with-sharing.js'
import { withStanding } from './with-standing.js'

export interface UpstreamPorts {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** What the guards of all subgraphs have in common. */
export interface GuardTools extends UpstreamPorts {
  readonly timeLimits: TimeLimits
  readonly inFlight: InFlight
}

/** What the guard needs to know of a subgraph. */
export interface GuardedFacts {
  readonly name: string
  readonly timeoutMs: number
  /** Whether its cookies go on to clients: each client then needs a reply of its own. */
  readonly givesCookies: boolean
}

/** One subgraph behind its guard. */
export interface GuardedSubgraph {
  readonly call: CallSubgraph
  readonly standing: Standing
}

/** Puts the guards around the transport of one subgraph; the order is written here and nowhere else. */
export function guard(
  subgraph: GuardedFacts,
  options: UpstreamOptions,
  tools: GuardTools,
  transport: SendCall,
): GuardedSubgraph {
  const breaker = new Breaker(options.breaker, tools.clock)
  const standing = new Standing(subgraph.name, breaker)

  let send = transport
  // Next to the wire: each attempt counts, and a repeat is refused once the breaker has opened.
  if (options.breaker.enabled) send = withBreaker(breaker, tools.logger, send)
  // Over the breaker, so that a refusal by it is never repeated; inside the bulkhead, so that a repeat keeps its place.
  send = withRetry(options.retry, send)
  // Over the retry, because a fault that a repeat made good is none.
  send = withStanding(standing, send)
  // Counts calls, not attempts; its refusals must not look like faults to the breaker inside.
  send = withBulkhead(options.maxConcurrentCalls, tools.logger, send)
  // Over the bulkhead: what is shared takes one place. Inside the deadline: each caller waits for his own time.
  if (options.shareInFlight && !subgraph.givesCookies) send = withSharing(tools.inFlight, tools.metrics, send)
  // Around everything that can wait: one time limit for the call with its repeats.
  send = withDeadline(subgraph.timeoutMs, tools.timeLimits, send)
  // Outermost: sees what the caller sees, refusals without a network hop included.
  send = withObservation(tools, send)
  return { call: toCallSubgraph(send), standing }
}

/** The one promise of a call. */
function toCallSubgraph(send: SendCall): CallSubgraph {
  return (call) =>
    new Promise((resolve, reject) => {
      send(call, (outcome) => {
        if (isFault(outcome)) reject(outcome)
        else resolve(outcome)
      })
    })
}
