import { Answer } from '../kernel/answer.js'
import type { Authorized, Charged, Received, Resolved } from '../kernel/contexts.js'
import { GatewayError, toAnswerErrors } from '../kernel/gateway-error.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { Reply } from '../kernel/reply.js'
import type { SubscriptionPlace, SubscriptionPlaces } from '../kernel/subscription-places.js'
import { createAnswerEvent, type LetIn } from './answer-event.js'
import { EventAnswers } from './event-answers.js'
import type { Line } from './line.js'
import type { Progress } from './progress.js'
import { answered, type Refuse } from './refuse.js'
import { reloaded } from './reloaded.js'
import { settled } from './settled.js'
import type { Through } from './through.js'

export interface SubscribeParts {
  readonly line: Line
  readonly through: Through
  readonly refuse: Refuse
  readonly places: SubscriptionPlaces
  readonly eventTimeoutMs: number
  readonly reloadSpreadMs: number
  readonly metrics: Metrics
}

/** The stations of a subscription that has come as far as the cache, which has nothing for it. */
export interface Admission {
  readonly resolved: Resolved
  readonly authorized: Authorized
  readonly charged: Charged
}

/** The last part of the line for subscriptions. */
export interface Subscribe {
  /** plan → fetch, which opens a stream of answers instead of giving one; rejects like the stages do. */
  readonly subscribe: (admission: Admission, progress: Progress) => Promise<Reply>
  /**
   * Ends all of its streams, for the generation serves no more: evenly over a while, lest all clients come back at once.
   * None of them delivers anything from now on, since nobody may see an event under rules that are gone. Those that are
   * being opened end when they are open.
   */
  readonly retire: () => void
}

/** Says what its front end cannot carry, before anything is decided or counted for it. */
export function assertCarriesStream({ carriesStream }: Received): void {
  if (carriesStream === true) return
  throw new GatewayError(
    'NOT_ACCEPTABLE',
    'A subscription has more than one answer: ask with "Accept: text/event-stream" or "Accept: multipart/mixed;subscriptionSpec=1.0", or over a WebSocket.',
  )
}

const NO_ANSWER = Answer.fromBody({})

export function createSubscribe(parts: SubscribeParts): Subscribe {
  const { line, through, places } = parts
  const events = createAnswerEvent(line, through, parts.refuse)
  const open = new Set<EventAnswers>()
  let isRetired = false

  const say = (refusal: GatewayError): Answer => {
    parts.metrics.countError(refusal.code)
    return Answer.fromBody({ errors: toAnswerErrors(refusal) })
  }

  function stream(letIn: LetIn, source: NonNullable<LetIn['opened']['source']>, place: SubscriptionPlace) {
    const answers: EventAnswers = new EventAnswers({
      source,
      place,
      eventTimeoutMs: parts.eventTimeoutMs,
      answer: (event, deadline) => events.answer(letIn, event, deadline),
      recheck: (deadline) => events.recheck(letIn, deadline),
      say,
      onEnd: () => {
        open.delete(answers)
        stopListening()
      },
    })
    open.add(answers)
    let stopListening = (): void => undefined
    place.hold(answers)
    stopListening = letIn.opened.deadline.onEnd((reason) => {
      if (reason === 'shutdown') answers.shutDown()
      else answers.finish('stopped')
    })
    if (isRetired) answers.finish('reloaded', say(reloaded()))
    return answers
  }

  return {
    async subscribe(admission, progress) {
      const { authorized } = admission
      const place = places.take(authorized.principal)
      const charged = settled(admission.charged)
      try {
        const planned = await through(line.plan, charged, progress)
        const opening = through(line.open, planned, progress)
        // The opening is paid as estimated from here on, whatever comes of it.
        progress.unspent = undefined
        admission.charged.charge.cost?.giveBack?.(0)
        const opened = await opening
        const letIn: LetIn = { resolved: admission.resolved, charged, opened }
        const { source } = opened
        if (source !== undefined) {
          const answers = stream(letIn, source, place)
          return { ...answered(NO_ANSWER, 'BYPASS', progress), stream: answers }
        }
        // Refused, or answered by the subgraph with one reply: as any operation is, and counted as its only event.
        place.leave(undefined)
        const { event } = opened
        const isReply = event !== undefined && !(event instanceof GatewayError)
        const context = isReply ? { ...(await events.admit(letIn, authorized, progress)), event } : opened
        progress.unspent = undefined
        const fetched = await through(line.fetch, context, progress)
        const shaped = await through(line.shape, fetched, progress)
        progress.noteOutcome(shaped)
        return answered(shaped.answer, 'BYPASS', progress)
      } catch (error) {
        place.leave(undefined)
        throw error
      }
    },
    retire() {
      // Called once more when the generation is closed.
      if (isRetired) return
      isRetired = true
      const streams = [...open]
      for (const [index, answers] of streams.entries()) {
        const afterMs = Math.floor((index * parts.reloadSpreadMs) / streams.length)
        if (afterMs === 0) answers.finish('reloaded', say(reloaded()))
        else answers.silence(afterMs, 'reloaded', () => say(reloaded()))
      }
    },
  }
}
