import type { Dispatcher } from 'undici'
import { GatewayError } from '../../kernel/gateway-error.js'
import type { PassedHeader, SubgraphEvents, SubgraphReply } from '../../kernel/upstream-call.js'
import { Exchange, type ExchangeFacts } from '../exchange.js'
import { readPassed } from '../headers/response-rules.js'
import { toNetworkFault } from '../network-fault.js'
import { readEvent } from '../read-reply.js'
import { isSuccess, malformed, readHead } from '../reply-head.js'
import { isFault, type Settle, type Underway } from '../send-call.js'
import { SubgraphFault } from '../subgraph-fault.js'
import { EventBacklog } from './event-backlog.js'
import { EventStreamParser } from './event-stream-parser.js'
import type { EventOptions } from './options.js'

/** What opening brings: events, or one reply where the subgraph answered as it answers queries. */
export type OpenedEvents = SubgraphEvents | SubgraphReply

const EVENT_STREAM = 'text/event-stream'

/** What undici calls, in the order in which it does; under the names that {@link Exchange} explains. */
export interface DispatchSteps {
  onConnect(abort: (reason?: Error) => void): void
  onHeaders(status: number, headers: Buffer[], resume: () => void): boolean
  onData(chunk: Buffer): boolean
  onComplete(): void
  onError(cause: Error): void
}

/**
 * One subscription at a subgraph, as undici's dispatcher reports on it: GraphQL over server-sent events, "distinct
 * connections" mode (graphql-sse, PROTOCOL.md).
 *
 * Settles when the head has come. From then on it holds what the reader has not asked for yet, within the limits of
 * its options; beyond them the stream ends with an error, and the subgraph is let go.
 */
export class EventExchange implements Dispatcher.DispatchHandler, Underway, SubgraphEvents {
  readonly #facts: ExchangeFacts
  readonly #options: EventOptions
  readonly #settle: Settle<OpenedEvents>
  readonly #backlog: EventBacklog
  readonly #parser: EventStreamParser
  /** Once the subgraph has answered with something other than events. */
  #plain: DispatchSteps | undefined
  #abort: (reason?: Error) => void = () => undefined
  #isSettled = false
  #isLetGo = false
  #silence: NodeJS.Timeout | undefined
  passed: readonly PassedHeader[] | undefined

  constructor(facts: ExchangeFacts, options: EventOptions, settle: Settle<OpenedEvents>) {
    this.#facts = facts
    this.#options = options
    this.#settle = settle
    const { maxBacklogEvents, maxBacklogCharacters, maxEventBytes } = options
    this.#backlog = new EventBacklog(
      { maxEvents: maxBacklogEvents, maxCharacters: maxBacklogCharacters },
      (text) => this.#readText(text),
    )
    this.#parser = new EventStreamParser(maxEventBytes, {
      event: (name, data) => this.#take(name, data),
      outgrown: () => this.#fail(malformed(facts.subgraph, 'event over the size limit')),
    })
  }

  readonly next = (): Promise<SubgraphReply | undefined> => this.#backlog.next()

  readonly close = (): void => {
    this.#backlog.drop()
    this.#letGo('the reader left')
  }

  /** Only while it is being opened. */
  giveUp(fault: SubgraphFault): void {
    if (this.#isSettled) return
    this.#conclude(fault)
    this.#letGo(fault.reason)
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort
    if (this.#isSettled) abort(new Error('given up'))
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void): boolean {
    if (status < 200 || this.#isSettled) return true
    const head = readHead(status, headers)
    if (head.mediaType !== EVENT_STREAM || !isSuccess(status)) {
      const plain: DispatchSteps = new Exchange(this.#facts, (outcome) => this.#conclude(outcome))
      this.#plain = plain
      plain.onConnect(this.#abort)
      return plain.onHeaders(status, headers, resume)
    }
    if (head.contentEncoding !== '') {
      this.giveUp(malformed(this.#facts.subgraph, 'content encoding of an event stream'))
      return true
    }
    this.passed = this.#facts.replyRules && readPassed(this.#facts.replyRules, headers)
    this.#listenForSilence()
    this.#conclude(this)
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.#plain !== undefined) return this.#plain.onData(chunk)
    this.#silence?.refresh()
    if (!this.#backlog.isEnded) this.#parser.write(chunk)
    return true
  }

  onComplete(): void {
    if (this.#plain !== undefined) this.#plain.onComplete()
    else this.#fail(malformed(this.#facts.subgraph, 'the stream ended without a word'))
  }

  onError(cause: Error): void {
    if (this.#plain !== undefined) this.#plain.onError(cause)
    else if (this.#isSettled) this.#fail(toNetworkFault(this.#facts.subgraph, cause, true))
    else this.#conclude(toNetworkFault(this.#facts.subgraph, cause, false))
  }

  #conclude(outcome: OpenedEvents | SubgraphFault): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#settle(outcome)
  }

  /** Of the protocol's two kinds of event; others mean nothing to us. */
  #take(name: string, data: string): void {
    if (name === 'next') {
      if (!this.#backlog.add(data)) this.#fail(this.#tooSlow())
    } else if (name === 'complete') {
      this.#backlog.end(undefined)
      this.#letGo('complete')
    }
  }

  #readText(text: string): SubgraphReply | GatewayError {
    const reply = readEvent(this.#facts.subgraph, text)
    if (isFault(reply)) this.#letGo(reply.reason)
    return reply
  }

  #tooSlow(): GatewayError {
    return new GatewayError('SUBSCRIPTION_BACKLOG_LIMIT', 'Events came faster than they were read.')
  }

  #fail(fault: GatewayError): void {
    this.#backlog.end(fault)
    this.#letGo(fault.message)
  }

  #letGo(reason: string): void {
    if (this.#isLetGo) return
    this.#isLetGo = true
    clearTimeout(this.#silence)
    // What still arrives must not wind it up again.
    this.#silence = undefined
    this.#parser.stop()
    this.#abort(new Error(reason))
  }

  #listenForSilence(): void {
    const { silenceTimeoutMs } = this.#options
    if (silenceTimeoutMs === 0) return
    const { subgraph } = this.#facts
    this.#silence = setTimeout(() => {
      const reason = 'neither event nor heartbeat'
      this.#fail(new SubgraphFault('SUBREQUEST_TIMEOUT', subgraph, { reason, blames: false }))
    }, silenceTimeoutMs).unref()
  }
}
