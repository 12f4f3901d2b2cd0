import type { Clock } from '../kernel/ports/clock.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { CallSubgraph, OpenSubgraphEvents, SubgraphCall } from '../kernel/upstream-call.js'
import { Breaker } from './breaker.js'
import type { OpenedEvents } from './events/event-exchange.js'
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
  readonly openEvents: OpenSubgraphEvents
  readonly standing: Standing
}

/** How one subgraph is reached, without any guard. */
export interface Transports {
  readonly transport: SendCall
  readonly openStream: SendCall<OpenedEvents>
}

/** Puts the guards around the transport of one subgraph; the order is written here and nowhere else. */
export function guard(
  subgraph: GuardedFacts,
  options: UpstreamOptions,
  tools: GuardTools,
  { transport, openStream }: Transports,
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
  return {
    call: toPromised(send),
    openEvents: toPromised(guardOpening(openStream, subgraph, { options, tools, breaker, standing })),
    standing,
  }
}

interface OpeningParts {
  readonly options: UpstreamOptions
  readonly tools: GuardTools
  readonly breaker: Breaker
  readonly standing: Standing
}

/**
 * The same guards around the opening of a stream, in the same order; the breaker and the standing are those of calls,
 * since the health of the subgraph is one.
 *
 * Never repeated, since the subgraph may have begun; never shared, since a stream belongs to one caller (notes on
 * security: "shared connections mix users").
 */
function guardOpening(
  openStream: SendCall<OpenedEvents>,
  { timeoutMs }: GuardedFacts,
  { options, tools, breaker, standing }: OpeningParts,
): SendCall<OpenedEvents> {
  let open = openStream
  if (options.breaker.enabled) open = withBreaker(breaker, tools.logger, open)
  open = withStanding(standing, open)
  // Openings only: those that are open are bounded where they are let in.
  open = withBulkhead(options.maxConcurrentCalls, tools.logger, open)
  open = withDeadline(timeoutMs, tools.timeLimits, open)
  return withObservation(tools, open)
}

/** The one promise of a call. */
function toPromised<Reply>(send: SendCall<Reply>): (call: SubgraphCall) => Promise<Reply> {
  return (call) =>
    new Promise((resolve, reject) => {
      send(call, (outcome) => {
        if (isFault(outcome)) reject(outcome)
        else resolve(outcome)
      })
    })
}
