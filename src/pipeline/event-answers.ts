import type { Answer } from '../kernel/answer.js'
import type { AnswerStream, StreamEnd } from '../kernel/answer-stream.js'
import { Deadline } from '../kernel/deadline.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { OpenSubscription, SubscriptionPlace } from '../kernel/subscription-places.js'
import type { SubgraphEvents, SubscriptionEvent } from '../kernel/upstream-call.js'
import type { EventOutcome } from './answer-event.js'

export interface EventAnswersParts {
  readonly source: SubgraphEvents
  readonly place: SubscriptionPlace
  readonly eventTimeoutMs: number
  /** Both as of AnswerEvent, for this subscription. */
  readonly answer: (event: SubscriptionEvent, deadline: Deadline) => Promise<EventOutcome>
  readonly recheck: (deadline: Deadline) => Promise<EventOutcome | undefined>
  /** An answer that says this and nothing else. */
  readonly say: (refusal: GatewayError) => Answer
  /** Told once. */
  readonly onEnd: () => void
}

/** The time until a stream that is silenced ends. */
interface Silence {
  readonly timer: NodeJS.Timeout
  readonly over: Promise<void>
  readonly end: () => void
}

const DONE: IteratorResult<Answer> = { done: true, value: undefined }

/**
 * The answers of one subscription: takes an event only when its reader asks, and answers one at a time.
 *
 * Whatever ends it first counts; an event that is being answered then is dropped, and its fetches are given up.
 */
export class EventAnswers implements AnswerStream, OpenSubscription {
  readonly #parts: EventAnswersParts
  #end: StreamEnd | undefined
  /** Said before the stream is over. */
  #lastWords: Answer | undefined
  #turn: Promise<unknown> = Promise.resolve()
  /** Of the event that is being answered. */
  #deadline: Deadline | undefined
  #silence: Silence | undefined

  constructor(parts: EventAnswersParts) {
    this.#parts = parts
  }

  get end(): StreamEnd | undefined {
    return this.#lastWords === undefined ? this.#end : undefined
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** One after another, however often it is called meanwhile. */
  readonly next = (): Promise<IteratorResult<Answer>> => {
    const taken = this.#turn.then(() => this.#take())
    this.#turn = taken
    return taken
  }

  readonly return = (): Promise<IteratorResult<Answer>> => {
    this.finish('stopped')
    this.#lastWords = undefined
    return Promise.resolve(DONE)
  }

  readonly shutDown = (): void => {
    this.finish(
      'shutdown',
      this.#parts.say(new GatewayError('SHUTTING_DOWN', 'This instance is stopping; subscribe again.')),
    )
  }

  readonly recheck = (): void => {
    if (this.#end !== undefined) return
    void this.#parts.recheck(new Deadline(this.#parts.eventTimeoutMs)).then((outcome) => {
      if (outcome?.end !== undefined) this.finish(outcome.end, outcome.answer)
    })
  }

  /**
   * Delivers nothing more, not even the event that is being answered, and lets go of the source; ends after a while with
   * what `lastWords` gives then, unless something else ends it before.
   */
  silence(forMs: number, end: StreamEnd, lastWords: () => Answer): void {
    if (this.#isMute()) return
    let tell: () => void = () => undefined
    const over = new Promise<void>((resolve) => (tell = resolve))
    const timer = setTimeout(() => this.finish(end, lastWords()), forMs).unref()
    this.#silence = { timer, over, end: tell }
    this.#letGo()
  }

  /** Ends the stream, behind `lastWords` if there are any; does nothing the second time. */
  finish(end: StreamEnd, lastWords?: Answer): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#lastWords = lastWords
    this.#letGo()
    clearTimeout(this.#silence?.timer)
    this.#silence?.end()
    this.#parts.place.leave(end)
    this.#parts.onEnd()
  }

  #letGo(): void {
    this.#parts.source.close()
    this.#deadline?.end('client-left')
  }

  async #take(): Promise<IteratorResult<Answer>> {
    if (this.#isMute()) return this.#sayLast()
    const event = await this.#nextEvent()
    if (this.#isMute()) return this.#sayLast()
    if (event !== undefined) return this.#answer(event)
    this.finish('completed')
    return this.#sayLast()
  }

  async #nextEvent(): Promise<SubscriptionEvent | undefined> {
    try {
      return await this.#parts.source.next()
    } catch (fault) {
      if (fault instanceof GatewayError) return fault
      return new GatewayError('INTERNAL_SERVER_ERROR', 'An unexpected fault occurred.', { cause: fault })
    }
  }

  async #answer(event: SubscriptionEvent): Promise<IteratorResult<Answer>> {
    const deadline = new Deadline(this.#parts.eventTimeoutMs)
    this.#deadline = deadline
    const { answer, end } = await this.#parts.answer(event, deadline)
    this.#deadline = undefined
    if (this.#isMute()) return this.#sayLast()
    if (end !== undefined) {
      this.finish(end, answer)
      return this.#sayLast()
    }
    this.#parts.place.answered()
    return { done: false, value: answer }
  }

  /** Whether no event may be delivered any more. */
  #isMute(): boolean {
    return this.#end !== undefined || this.#silence !== undefined
  }

  /** When the stream is over. */
  async #sayLast(): Promise<IteratorResult<Answer>> {
    await this.#silence?.over
    const value = this.#lastWords
    this.#lastWords = undefined
    return value === undefined ? DONE : { done: false, value }
  }
}
