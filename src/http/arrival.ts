import type { FastifyRequest } from 'fastify'
import type { Arrival, ClientFacts, Credentials } from '../kernel/contexts.js'
import { Deadline } from '../kernel/deadline.js'
import { ResponseHead } from '../kernel/response-head.js'
import type { ReadClientAddress } from './client-address.js'
import { exchangeOf } from './exchange.js'

/** Builds the first station of a request; its time starts to run here. */
export type OpenArrival = (request: FastifyRequest) => Arrival

/** A name that clients give themselves is logged and counted, so it may not be long. */
const NAME_CHARACTERS = 64

export function createOpenArrival(requestTimeoutMs: number, readAddress: ReadClientAddress): OpenArrival {
  return (request) => {
    const exchange = exchangeOf(request)
    const deadline = new Deadline(requestTimeoutMs)
    exchange.deadline = deadline
    const client = readClient(request, readAddress)
    exchange.logged.clientName = client.name
    return {
      requestId: exchange.requestId,
      credentials: readCredentials(request),
      client,
      deadline,
      responseHead: new ResponseHead(),
    }
  }
}

function readCredentials({ headers }: FastifyRequest): Credentials {
  return { authorization: headers.authorization, apiKey: single(headers['x-api-key']) }
}

function readClient({ headers, raw }: FastifyRequest, readAddress: ReadClientAddress): ClientFacts {
  return {
    address: readAddress(raw.socket.remoteAddress, single(headers['x-forwarded-for'])),
    name: single(headers['apollographql-client-name'])?.slice(0, NAME_CHARACTERS),
    version: single(headers['apollographql-client-version'])?.slice(0, NAME_CHARACTERS),
    traceparent: single(headers['traceparent']),
  }
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(', ')
}
