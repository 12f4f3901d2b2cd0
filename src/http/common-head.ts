import type { FastifyReply } from 'fastify'
import type { Clock } from '../kernel/ports/clock.js'
import type { ResponseHead } from '../kernel/response-head.js'
import type { Exchange } from './exchange.js'

/** Header name, value, name, value: the form that Node writes without another copy. */
type FlatHeaders = string[]

/**
 * The headers that every response of a listener has (contract §5), whoever writes it.
 *
 * What a response says of itself goes before what is said of all of them.
 */
export class CommonHead {
  readonly #clock: Clock
  readonly #isDraining: () => boolean
  #fixed: readonly (readonly [name: string, value: string])[] = []
  #flatFixed: Readonly<FlatHeaders> = []
  #resourceMetadata: string | undefined = undefined

  constructor(clock: Clock, isDraining: () => boolean) {
    this.#clock = clock
    this.#isDraining = isDraining
  }

  /** Adds headers that are the same for every response; before the first one. */
  fix(headers: Readonly<Record<string, string>>): void {
    this.#fixed = Object.entries(headers)
    this.#flatFixed = this.#fixed.flat()
  }

  /** Adds the address of the resource's metadata to every Bearer challenge, whoever refuses (RFC 9728 §5.1). */
  nameInChallenges(resourceMetadataUrl: string): void {
    this.#resourceMetadata = `, resource_metadata="${resourceMetadataUrl}"`
  }

  /** Completes a reply that Fastify is about to send. */
  completeReply(reply: FastifyReply, exchange: Exchange | undefined): void {
    for (const [name, value] of this.#fixed) {
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
    if (this.#resourceMetadata !== undefined) {
      const challenge = reply.getHeader('www-authenticate')
      if (typeof challenge === 'string') reply.header('www-authenticate', this.#complete(challenge))
    }
    reply.header('x-request-id', reply.request.id)
    reply.header('x-response-time', this.#timeSince(exchange))
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    if (this.#isDraining()) reply.header('connection', 'close')
  }

  /** The whole head of a response that we write ourselves. */
  flatten(head: ResponseHead, exchange: Exchange): FlatHeaders {
    const flat = this.#flattenFixed(head)
    flat.push('x-request-id', exchange.requestId, 'x-response-time', this.#timeSince(exchange))
    if (!head.has('cache-control')) flat.push('cache-control', 'no-store')
    if (this.#isDraining()) flat.push('connection', 'close')
    const challenge = this.#resourceMetadata === undefined ? undefined : head.get('www-authenticate')
    if (challenge !== undefined) head.set('www-authenticate', this.#complete(challenge))
    head.forEach((value, name) => flat.push(name, value))
    return flat
  }

  #complete(challenge: string): string {
    return challenge.startsWith('Bearer ') ? `${challenge}${this.#resourceMetadata ?? ''}` : challenge
  }

  #flattenFixed(head: ResponseHead): FlatHeaders {
    if (!this.#fixed.some(([name]) => head.has(name))) return this.#flatFixed.slice()
    return this.#fixed.filter(([name]) => !head.has(name)).flat()
  }

  #timeSince(exchange: Exchange | undefined): string {
    const milliseconds = exchange === undefined ? 0 : this.#clock.now() - exchange.startedAtMs
    return `${Math.max(0, Math.round(milliseconds))}ms`
  }
}
