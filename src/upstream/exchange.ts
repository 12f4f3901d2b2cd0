import type { Dispatcher } from 'undici'
import { readPassed, type ReplyHeaderRules } from './headers/response-rules.js'
import { Inflater, type InflaterListener } from './inflater.js'
import { toNetworkFault } from './network-fault.js'
import { readReply } from './read-reply.js'
import { judgeHead, malformed, readHead, type ReplyHead } from './reply-head.js'
import type { Outcome, Settle, Underway } from './send-call.js'
import type { PassedHeader } from '../kernel/upstream-call.js'
import type { SubgraphFault } from './subgraph-fault.js'

/** How much of a body that cannot be an answer is read to keep the connection, in bytes; after that it is cut. */
const MAX_DRAINED_BYTES = 65_536

/** What an exchange knows of the subgraph that it asks. */
export interface ExchangeFacts {
  readonly subgraph: string
  readonly maxReplyBytes: number
  /** What of its replies goes on to clients; absent where nothing does. */
  readonly replyRules: ReplyHeaderRules | undefined
}

/**
 * One request to a subgraph, as undici's dispatcher reports on it: settles once, and holds at most
 * `maxReplyBytes`.
 *
 * A handler of our own at dispatch level costs a fraction of `undici.request` or `fetch` (notes: performance §2.1).
 * It has undici 7's older names, which undici calls as they are: for the newer ones it makes a second handler, a
 * controller and an object of all headers at each request.
 */
export class Exchange implements Dispatcher.DispatchHandler, InflaterListener, Underway {
  readonly #facts: ExchangeFacts
  readonly #settle: Settle
  #abort: ((reason: Error) => void) | undefined
  #resume: () => void = () => undefined
  #settled = false
  #head: ReplyHead | undefined
  /** What the head says; the body is read to its end, so that the connection can be used again. */
  #headFault: SubgraphFault | undefined
  #passed: readonly PassedHeader[] | undefined
  #inflater: Inflater | undefined
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(facts: ExchangeFacts, settle: Settle) {
    this.#facts = facts
    this.#settle = settle
  }

  /** Tells the caller at once and closes the connection, which is of no use in the middle of a reply. */
  giveUp(fault: SubgraphFault): void {
    if (this.#settled) return
    this.#end(fault)
    this.#abort?.(new Error(fault.reason))
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort
    // Sent again by undici after its connection was lost to another request on it: nothing has come yet.
    this.#head = undefined
    this.#drop()
    // Given up while waiting for a connection: do not send it at all.
    if (this.#settled) abort(new Error('given up'))
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void): boolean {
    if (status < 200) return true
    this.#resume = resume
    const head = readHead(status, headers)
    this.#head = head
    this.#passed = this.#facts.replyRules && readPassed(this.#facts.replyRules, headers)
    this.#headFault = judgeHead(this.#facts.subgraph, head)
    if (this.#headFault !== undefined) return true
    if (head.contentLength > this.#facts.maxReplyBytes) this.outgrown()
    else if (head.contentEncoding !== '') this.#startInflating(head.contentEncoding)
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.#settled) return true
    if (this.#inflater !== undefined) return this.#inflater.write(chunk, this.#resume)
    this.#bytes += chunk.length
    if (this.#headFault !== undefined) {
      if (this.#bytes > MAX_DRAINED_BYTES) this.giveUp(this.#headFault)
    } else if (this.#bytes > this.#facts.maxReplyBytes) this.outgrown()
    else this.#chunks.push(chunk)
    return true
  }

  onComplete(): void {
    if (this.#inflater !== undefined) this.#inflater.end()
    else this.inflated(this.#body())
  }

  onError(cause: Error): void {
    this.#end(toNetworkFault(this.#facts.subgraph, cause, this.#head !== undefined))
  }

  inflated(body: Buffer): void {
    if (this.#settled || this.#head === undefined) return
    this.#end(this.#headFault ?? readReply(this.#facts.subgraph, this.#head, body, this.#passed))
  }

  outgrown(): void {
    this.giveUp(malformed(this.#facts.subgraph, 'reply over the size limit'))
  }

  failed(cause: Error): void {
    this.giveUp(malformed(this.#facts.subgraph, 'content encoding cannot be undone', cause))
  }

  #startInflating(encoding: string): void {
    this.#inflater = Inflater.for(encoding, this.#facts.maxReplyBytes, this)
    if (this.#inflater === undefined) this.giveUp(malformed(this.#facts.subgraph, 'unknown content encoding'))
  }

  #body(): Buffer {
    const [first] = this.#chunks
    return this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
  }

  #end(outcome: Outcome): void {
    if (this.#settled) return
    this.#settled = true
    this.#drop()
    this.#settle(outcome)
  }

  #drop(): void {
    this.#chunks = []
    this.#bytes = 0
    this.#inflater?.drop()
    this.#inflater = undefined
  }
}
