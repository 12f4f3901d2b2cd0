import { Answer } from '../kernel/answer.js'
import type { StreamEnd } from '../kernel/answer-stream.js'
import type { Authorized, Charged, Opened, Planned, Resolved } from '../kernel/contexts.js'
import type { Deadline } from '../kernel/deadline.js'
import { GatewayError } from '../kernel/gateway-error.js'
import { isCredentialRefused } from '../kernel/is-credential-refused.js'
import type { Principal } from '../kernel/principal.js'
import { ResponseHead } from '../kernel/response-head.js'
import type { SubscriptionEvent } from '../kernel/upstream-call.js'
import type { Line } from './line.js'
import { Progress } from './progress.js'
import type { Refuse } from './refuse.js'
import { reloaded } from './reloaded.js'
import { settled } from './settled.js'
import { sourceCovers } from './source-covers.js'
import type { Through } from './through.js'

/** A subscription as it was let in, station by station: what each event is compared with. */
export interface LetIn {
  readonly resolved: Resolved
  readonly charged: Charged
  readonly opened: Opened
}

/** What is said to the reader, and whether it is the last thing. */
export interface EventOutcome {
  readonly answer: Answer
  readonly end: StreamEnd | undefined
}

/** The parts of the line that each event passes. */
export interface AnswerEvent {
  /**
   * Counts an event and plans it anew where fewer fields are left than at the opening; rejects like the stages do, and
   * with SUBSCRIPTION_SCHEMA_RELOAD where the source does not bring what is needed now.
   */
  readonly admit: (letIn: LetIn, now: Authorized, progress: Progress) => Promise<Planned>
  /** Never rejects. */
  readonly answer: (letIn: LetIn, event: SubscriptionEvent, deadline: Deadline) => Promise<EventOutcome>
  /** Says what would end the subscription now, event or not; undefined where nothing does. Never rejects. */
  readonly recheck: (letIn: LetIn, deadline: Deadline) => Promise<EventOutcome | undefined>
}

/**
 * Answers the events of subscriptions: who are you still → what may you see now → what does it cost → fetch → shape, by
 * the stages of the line itself, so that a rule that looks at the time is asked each time, and what is resolved anew is
 * counted anew.
 *
 * Where policy or limits leave other fields than at the opening, the event is answered under a plan for those, as long
 * as the source brings what that begins with. Otherwise a policy ends the subscription, to be made anew; a limit, which
 * is soon over, only keeps the event back.
 */
export function createAnswerEvent(line: Line, through: Through, refuse: Refuse): AnswerEvent {
  async function identifyAgain({ resolved, opened }: LetIn, progress: Progress, deadline: Deadline) {
    const received: Resolved = { ...resolved, deadline, responseHead: new ResponseHead() }
    const { principal } = await through(line.identify, received, progress)
    // The subgraph goes on sending what it found fit for the caller whom it was told of.
    if (!isToldTheSame(principal, opened.principal)) throw reloaded()
    return { ...received, principal }
  }

  async function admit({ charged, opened }: LetIn, now: Authorized, progress: Progress): Promise<Planned> {
    const chargedNow = await through(line.limitEvent, now, progress)
    progress.noteCharge(chargedNow)
    if (isSame(chargedNow, charged)) return planned(chargedNow, opened)
    const replanned = await through(line.plan, chargedNow, progress)
    const isLimited = isSame(now, charged)
    if (chargedNow.permitted === null || sourceCovers(opened, replanned, isLimited)) return replanned
    if (!isLimited) throw reloaded()
    progress.giveBackUnspent()
    return through(line.plan, { ...settled(chargedNow), permitted: null }, progress)
  }

  /** Nothing is counted for what ended the source. */
  async function admitFault({ charged, opened }: LetIn, now: Authorized, progress: Progress) {
    const context: Charged = { ...now, charge: charged.charge }
    return isSame(now, charged) ? planned(context, opened) : through(line.plan, context, progress)
  }

  const guarded = async <T>(
    { resolved }: LetIn,
    deadline: Deadline,
    progress: Progress,
    run: () => Promise<T>,
  ): Promise<T | EventOutcome> => {
    try {
      return await run()
    } catch (error) {
      progress.giveBackUnspent()
      const { answer, refusal } = refuse(error, { ...resolved, deadline }, progress)
      return { answer, end: endFor(refusal) }
    }
  }

  async function answer(letIn: LetIn, event: SubscriptionEvent, deadline: Deadline, progress: Progress) {
    const identified = await identifyAgain(letIn, progress, deadline)
    const authorized = await through(line.authorize, identified, progress)
    const isFault = event instanceof GatewayError
    const context = await (isFault ? admitFault : admit)(letIn, authorized, progress).catch(orUnpaid)
    if (context instanceof GatewayError) {
      const { answer } = refuse(context, identified, progress)
      return { answer: Answer.fromBody({ ...answer.body, data: null }), end: undefined }
    }
    // Subgraphs work for it from here on.
    progress.unspent = undefined
    const fetched = await through(line.fetch, { ...context, event }, progress)
    const shaped = await through(line.shape, fetched, progress)
    progress.noteOutcome(shaped)
    const isLast = isFault || authorized.permitted === null
    return { answer: shaped.answer, end: isLast ? ('failed' as const) : undefined }
  }

  return {
    admit,
    answer: async (letIn, event, deadline) => {
      const progress = new Progress({ deadline })
      const outcome = await guarded(letIn, deadline, progress, () => answer(letIn, event, deadline, progress))
      // What ended the source is no event.
      if (!(event instanceof GatewayError))
        letIn.resolved.traffic?.account?.addEvent?.(progress.costUnits ?? 0)
      return outcome
    },
    recheck: (letIn, deadline) => {
      const progress = new Progress({ deadline })
      return guarded(letIn, deadline, progress, async () => {
        try {
          await identifyAgain(letIn, progress, deadline)
        } catch (error) {
          // The next event asks again before anything goes out.
          if (!isUnjudged(error)) throw error
        }
        return undefined
      })
    },
  }
}

/** Nobody can say who the caller is at the moment, which says nothing against him. */
function isUnjudged(error: unknown): boolean {
  if (!(error instanceof GatewayError) || error.code === 'SUBSCRIPTION_SCHEMA_RELOAD') return false
  return !isCredentialRefused(error)
}

/** An event that the caller's bucket does not hold enough for; the next one may be paid again. */
function orUnpaid(error: unknown): GatewayError {
  if (error instanceof GatewayError && error.code === 'REQUEST_RATE_LIMITED') return error
  throw error
}

/** Whether the same is asked of subgraphs. */
function isSame(one: Pick<Authorized, 'permitted'>, other: Pick<Authorized, 'permitted'>): boolean {
  return one.permitted?.hash === other.permitted?.hash
}

function planned(context: Charged, { plan, planVariables, refusedSubgraphs }: Opened): Planned {
  return { ...context, plan, planVariables, refusedSubgraphs }
}

/** Whether subgraphs are told the same of both; scopes and roles among it. */
function isToldTheSame(one: Principal, other: Principal): boolean {
  if (one === other) return true
  return (
    one.key === other.key &&
    one.tenant === other.tenant &&
    one.plan === other.plan &&
    one.email === other.email &&
    one.scopeKey === other.scopeKey &&
    JSON.stringify(one.roles) === JSON.stringify(other.roles)
  )
}

function endFor(refusal: GatewayError | undefined): StreamEnd {
  switch (refusal?.code) {
    case 'UNAUTHENTICATED':
      return 'expired'
    case 'SUBSCRIPTION_SCHEMA_RELOAD':
      return 'reloaded'
    default:
      return 'failed'
  }
}
