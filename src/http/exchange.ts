import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Deadline } from '../kernel/deadline.js'
import type { GatewayError } from '../kernel/gateway-error.js'
import type { ResponseHead } from '../kernel/response-head.js'
import type { Traffic } from '../kernel/traffic.js'
import type { CommonHead } from './common-head.js'
import type { Work } from './in-flight.js'
import { createLoggedFacts, type LoggedFacts } from './logged-facts.js'
import { sendRefusal } from './refusal.js'
import { joinVary } from './vary.js'

declare module 'fastify' {
  interface FastifyRequest {
    exchange?: Exchange
  }
  interface FastifyContextConfig {
    /** Errors are written as GraphQL answers instead of problems. */
    graphql?: boolean
    /** Answered also when the process has too many requests in flight. */
    vital?: boolean
    /** The label of metrics. */
    frontEnd?: string
  }
}

/** One request and its response, from the first byte read to the last one sent. */
export class Exchange implements Work {
  place = -1
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly startedAtMs: number
  readonly #common: CommonHead
  /** Set once the request's own time runs. */
  deadline: Deadline | undefined = undefined
  logged: LoggedFacts = createLoggedFacts()
  /** Of the request's body, after inflation. */
  receivedBytes = 0
  /** Whose the bytes are; absent where nobody counts them, or the request did not come so far. */
  traffic: Traffic | undefined = undefined
  /** Of the response's body, where we wrote it ourselves. */
  sentBytes: number | undefined = undefined
  /** True once it lasts as long as its client likes. */
  isStream = false

  constructor(request: FastifyRequest, reply: FastifyReply, startedAtMs: number, common: CommonHead) {
    this.request = request
    this.reply = reply
    this.startedAtMs = startedAtMs
    this.#common = common
  }

  get requestId(): string {
    return this.request.id
  }

  isAnsweringOn(socket: Socket): boolean {
    return this.request.raw.socket === socket && this.reply.raw.headersSent
  }

  isWaitingItsTurn(): boolean {
    const { raw } = this.reply
    return raw.writableEnded && raw.socket === null
  }

  refuse(refusal: GatewayError): void {
    if (!this.reply.sent) sendRefusal(this.reply, refusal)
  }

  /**
   * Writes the whole response.
   *
   * Straight to Node: a reply of Fastify takes header by header and costs several times as much (measured). What
   * hooks such as those of CORS have put on it goes out too.
   */
  send(status: number, head: ResponseHead, body: string | Buffer): void {
    const bytes = Buffer.byteLength(body)
    head.set('content-length', String(bytes))
    const response = this.#writeHead(status, head)
    this.sentBytes = bytes
    // As many bytes as characters: all of it is ASCII, which Node writes faster under this name.
    response.end(body, bytes === body.length ? 'latin1' : 'utf8')
  }

  /** Counts bytes of bodies as what the caller used, where somebody counts them. */
  countBytes(received: number, sent: number): void {
    this.traffic?.account?.addBytes(received, sent)
  }

  /** Writes the head of a response whose body is written piece by piece. */
  beginStream(status: number, head: ResponseHead): ServerResponse {
    return this.#writeHead(status, head)
  }

  #writeHead(status: number, head: ResponseHead): ServerResponse {
    const { reply } = this
    addOthers(head, reply.getHeaders())
    // Before the hijacking, so that Fastify answers if Node refuses a header.
    reply.raw.writeHead(status, this.#common.flatten(head, this))
    reply.hijack()
    return reply.raw
  }
}

function addOthers(head: ResponseHead, others: ReturnType<FastifyReply['getHeaders']>): void {
  for (const name in others) {
    const value = String(others[name])
    if (name === 'vary') head.set(name, joinVary(value, head.get(name) ?? ''))
    else if (!head.has(name)) head.set(name, value)
  }
}

/** The exchange of a request that passed the listener's door. */
export function exchangeOf(request: FastifyRequest): Exchange {
  if (request.exchange === undefined) throw new Error('The request has no exchange yet.')
  return request.exchange
}
