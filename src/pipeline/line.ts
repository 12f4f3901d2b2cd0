import type {
  Admitted,
  Authorized,
  Charged,
  Fetched,
  Identified,
  Opened,
  Planned,
  Received,
  Resolved,
  Shaped,
} from '../kernel/contexts.js'
import type { ResponseCache } from '../kernel/response-cache.js'
import type { Seats } from '../kernel/seats.js'
import type { Stage } from '../kernel/stage.js'

/**
 * The stages of one generation, in the order in which a request meets them.
 *
 * The types of the stations make this order the only one that compiles (test/types/line-order.ts).
 */
export interface Line {
  readonly identify: Stage<Received, Identified>
  readonly limitRequest: Stage<Identified, Admitted>
  /** Absent: any number of operations may be in flight. */
  readonly seats?: Seats | undefined
  readonly resolveDocument: Stage<Admitted, Resolved>
  readonly authorize: Stage<Resolved, Authorized>
  readonly limitOperation: Stage<Authorized, Charged>
  /** For subscriptions, in place of `limitOperation`: counts what is asked anew for one event. */
  readonly limitEvent: Stage<Authorized, Charged>
  readonly cache: ResponseCache
  readonly plan: Stage<Charged, Planned>
  /** For subscriptions: what it opens is fetched and shaped event by event. */
  readonly open: Stage<Planned, Opened>
  readonly fetch: Stage<Planned, Fetched>
  readonly shape: Stage<Fetched, Shaped>
}
