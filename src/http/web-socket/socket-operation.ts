import type { AnswerStream } from '../../kernel/answer-stream.js'
import type { Answer } from '../../kernel/answer.js'
import type { Received } from '../../kernel/contexts.js'
import type { Deadline } from '../../kernel/deadline.js'
import { toAnswerErrors, type AnswerError, type GatewayError } from '../../kernel/gateway-error.js'
import type { RunOperation } from '../../kernel/reply.js'
import type { Traffic } from '../../kernel/traffic.js'
import type { Work } from '../in-flight.js'
import { createLoggedFacts, noteReply, type LoggedFacts } from '../logged-facts.js'
import type { Outbox } from './outbox.js'

/** nginx's status for "the client closed the request"; nobody receives it. */
const CLIENT_LEFT = 499

/**
 * One operation of a socket, from `subscribe` to the last message about it.
 *
 * Whoever is told `complete`, or leaves, gets nothing more of it: its work is given up as that of an HTTP request is
 * whose client has left.
 */
export class SocketOperation implements Work {
  place = -1
  readonly id: string
  readonly deadline: Deadline
  readonly logged = createLoggedFacts()
  /** The status of the outcome, which is that of POST. */
  status = 200
  /** Of the message that asked for it, and of those that went out about it. */
  receivedBytes = 0
  sentBytes = 0
  /** Whose the bytes are; absent where nobody counts them. */
  traffic: Traffic | undefined = undefined
  readonly #outbox: Outbox
  #stream: AnswerStream | undefined
  #isOver = false

  constructor(id: string, deadline: Deadline, outbox: Outbox) {
    this.id = id
    this.deadline = deadline
    this.#outbox = outbox
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Takes the operation through the line; gives back the stream of a subscription, which is to be read then. */
  async run(received: Received, runOperation: RunOperation): Promise<AnswerStream | undefined> {
    const reply = await runOperation(received)
    noteReply(this.logged, reply)
    this.traffic?.account?.addBytes(this.receivedBytes, 0)
    const { stream, refusal, answer } = reply
    if (this.#isOver) {
      void stream?.return()
      return undefined
    }
    this.status = reply.status
    if (refusal !== undefined) this.refuse(refusal, answer)
    else if (stream === undefined) {
      this.#next(answer)
      this.#complete()
    }
    this.#stream = stream
    return stream
  }

  /**
   * Sends the answers of a subscription until there are no more, or nobody wants them.
   *
   * The next one is asked for when the client has taken the one before: what it does not take waits at the source, and not
   * in the buffer of a socket that has other things to carry.
   */
  async read(stream: AnswerStream): Promise<void> {
    const { logged } = this
    logged.events = 0
    try {
      await this.#pass(stream, logged)
    } finally {
      // Also after a fault of ours: nobody else knows of it any more.
      if (stream.end === undefined) await stream.return()
      logged.streamEnd = stream.end ?? 'stopped'
    }
  }

  async #pass(stream: AnswerStream, logged: LoggedFacts): Promise<void> {
    for (;;) {
      const taken = await stream.next()
      if (this.#isOver) return
      if (taken.done === true) break
      const answer = taken.value
      logged.events = (logged.events ?? 0) + 1
      if (stream.end !== undefined && answer.body.data === undefined) {
        this.#fail(answer.body.errors ?? [])
        return
      }
      this.#next(answer)
      await this.#outbox.taken()
    }
    this.#complete()
  }

  /** Ends it with an error message, where nothing has ended it yet; `answer` where the line has written one. */
  refuse(refusal: GatewayError, answer?: Answer): void {
    if (this.#isOver) return
    this.status = refusal.status
    this.logged.errorCodes = [refusal.code]
    const errors = answer?.body.errors ?? toAnswerErrors(refusal)
    this.#fail(withRetryAfter(errors, refusal.headers?.['retry-after']))
  }

  /** Nobody waits for it any more. */
  cancel(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#stream === undefined) this.status = CLIENT_LEFT
    this.deadline.end('client-left')
    void this.#stream?.return()
  }

  /** A socket that speaks WebSocket is not one that an HTTP response goes out on. */
  isAnsweringOn(): boolean {
    return false
  }

  isWaitingItsTurn(): boolean {
    return false
  }

  #next(answer: Answer): void {
    this.#countSent(this.#outbox.next(this.id, answer))
  }

  #complete(): void {
    this.#isOver = true
    this.#countSent(this.#outbox.complete(this.id))
  }

  #fail(errors: readonly AnswerError[]): void {
    this.#isOver = true
    this.#countSent(this.#outbox.error(this.id, errors))
  }

  /** As it goes: a subscription may last for days. */
  #countSent(bytes: number): void {
    this.sentBytes += bytes
    this.traffic?.account?.addBytes(0, bytes)
  }
}

/** A message has no headers, so that it says itself after which pause the client may come again. */
function withRetryAfter(
  errors: readonly AnswerError[],
  retryAfter: string | undefined,
): readonly AnswerError[] {
  const retryAfterSeconds = Number(retryAfter)
  if (retryAfter === undefined || !Number.isFinite(retryAfterSeconds)) return errors
  return errors.map((error) => ({ ...error, extensions: { retryAfterSeconds, ...error.extensions } }))
}
