import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deadline } from '../kernel/deadline.js'

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

/** Facts that whoever answers may add to the access log; never texts, variables or credentials. */
export interface LoggedFacts {
  operationName?: string | undefined
  operationHash?: string | undefined
  principalKind?: string | undefined
  tenant?: string | undefined
  cache?: string | undefined
  errorCodes?: readonly string[] | undefined
  clientName?: string | undefined
}

/** One request and its response, from the first byte read to the last one sent. */
export class Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly startedAtMs: number
  /** Set once the request's own time runs. */
  deadline: Deadline | undefined = undefined
  logged: LoggedFacts & Readonly<Record<string, unknown>> = {}

  constructor(request: FastifyRequest, reply: FastifyReply, startedAtMs: number) {
    this.request = request
    this.reply = reply
    this.startedAtMs = startedAtMs
  }

  get requestId(): string {
    return this.request.id
  }
}

/** The exchange of a request that passed the listener's door. */
export function exchangeOf(request: FastifyRequest): Exchange {
  if (request.exchange === undefined) throw new Error('The request has no exchange yet.')
  return request.exchange
}
