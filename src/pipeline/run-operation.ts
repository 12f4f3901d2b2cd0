import type { Received } from '../kernel/contexts.js'
import type { Reply, RunOperation } from '../kernel/reply.js'
import { isPromise } from '../kernel/stage.js'
import type { Line } from './line.js'
import { Progress } from './progress.js'
import { answered, type Refuse } from './refuse.js'
import { assertCarriesStream, type Subscribe } from './subscribe.js'
import type { Through } from './through.js'

/**
 * The whole life of one operation, whichever front end it came through.
 *
 * Who are you → may you come in now → what do you ask → what may you see → what does it cost → do we still
 * remember the answer → plan → fetch → shape. This file holds only the order; each stage's room has its rules
 * (design §3, docs/lifecycle.md). Stages that answer at once are not waited for: `isPromise` decides.
 */
export function createRunOperation(
  line: Line,
  through: Through,
  refuse: Refuse,
  subscribe: Subscribe['subscribe'],
): RunOperation {
  return async function runOperation(received: Received): Promise<Reply> {
    const progress = new Progress(received)
    try {
      const identifying = through(line.identify, received, progress)
      const identified = isPromise(identifying) ? await identifying : identifying
      progress.note(identified)

      const admitting = through(line.limitRequest, identified, progress)
      const admitted = isPromise(admitting) ? await admitting : admitting
      progress.seat = line.seats?.take(admitted)

      const resolving = through(line.resolveDocument, admitted, progress)
      const resolved = isPromise(resolving) ? await resolving : resolving
      progress.note(resolved)
      const isSubscription = resolved.operation.type === 'subscription'
      if (isSubscription) assertCarriesStream(received)

      const authorizing = through(line.authorize, resolved, progress)
      const authorized = isPromise(authorizing) ? await authorizing : authorizing

      const charging = through(line.limitOperation, authorized, progress)
      const charged = isPromise(charging) ? await charging : charging
      progress.noteCharge(charged)

      // Plan and fetch too; what was opened is then fetched and shaped for each of its events.
      if (isSubscription) return await subscribe({ resolved, authorized, charged }, progress)

      const remembering = line.cache.read(charged)
      const remembered = isPromise(remembering) ? await remembering : remembering
      if (remembered !== undefined) {
        progress.costUnits &&= 0
        return answered(remembered.answer, remembered.status, progress)
      }
      // Looking for an answer is no part of the planner's time.
      if (isPromise(remembering)) progress.lap()

      const planning = through(line.plan, charged, progress)
      const planned = isPromise(planning) ? await planning : planning

      const fetching = through(line.fetch, planned, progress)
      // From here on subgraphs work for it: what has no end is paid as estimated, or running out of time were free.
      progress.unspent = undefined
      const fetched = isPromise(fetching) ? await fetching : fetching

      const shaping = through(line.shape, fetched, progress)
      const shaped = isPromise(shaping) ? await shaping : shaping
      line.cache.write(shaped)
      progress.noteOutcome(shaped)
      return answered(shaped.answer, cacheStatusOf(shaped), progress)
    } catch (error) {
      progress.giveBackUnspent()
      return refuse(error, received, progress)
    } finally {
      progress.seat?.leave()
    }
  }
}

/** The cache itself said on the response head whether it looked. */
function cacheStatusOf(context: Received): Reply['cacheStatus'] {
  return context.responseHead.get('x-cache') === 'MISS' ? 'MISS' : 'BYPASS'
}
