import type { FastifyRequest } from 'fastify'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Arrival, ClientFacts, Credentials, ForwardedHeaders } from '../kernel/contexts.js'
import { Deadline } from '../kernel/deadline.js'
import { ResponseHead } from '../kernel/response-head.js'
import { Traffic } from '../kernel/traffic.js'
import type { ReadClientAddress } from './client-address.js'
import type { ReadCookie } from './cookie-credential.js'
import { exchangeOf } from './exchange.js'

/** Builds the first station of a request; its time starts to run here. */
export type OpenArrival = (request: FastifyRequest) => Arrival

/** A name that clients give themselves is logged and counted, so it may not be long. */
const NAME_CHARACTERS = 64

/** Picks the headers of a client that header rules let through to subgraphs. */
export type PickHeaders = (headers: IncomingHttpHeaders) => ForwardedHeaders

export interface CallerParts {
  readonly readAddress: ReadClientAddress
  /** Absent where there are no rules: nothing is looked at. */
  readonly pickHeaders?: PickHeaders | undefined
  /** Absent where no cookie is a credential. */
  readonly readCookie?: ReadCookie | undefined
}

/** Reads what a request says of who sends it; nothing of it is trusted yet, but for the address. */
export type ReadCaller = (request: IncomingMessage) => Pick<Arrival, 'credentials' | 'client'>

export function createReadCaller({ readAddress, pickHeaders, readCookie }: CallerParts): ReadCaller {
  return (request) => ({
    credentials: readCredentials(request, readCookie),
    client: readClient(request, readAddress, pickHeaders),
  })
}

/** With `countsTraffic`, the line gets a place for the bytes of each request. */
export function createOpenArrival(
  requestTimeoutMs: number,
  readCaller: ReadCaller,
  countsTraffic = false,
): OpenArrival {
  return (request) => {
    const exchange = exchangeOf(request)
    const deadline = new Deadline(requestTimeoutMs)
    exchange.deadline = deadline
    if (countsTraffic) exchange.traffic = new Traffic()
    const { credentials, client } = readCaller(request.raw)
    exchange.logged.clientName = client.name
    return {
      requestId: exchange.requestId,
      credentials,
      client,
      deadline,
      responseHead: new ResponseHead(),
      traffic: exchange.traffic,
    }
  }
}

function readCredentials(
  { headers, method = '' }: IncomingMessage,
  readCookie: ReadCookie | undefined,
): Credentials {
  const { authorization } = headers
  const apiKey = single(headers['x-api-key'])
  const hasNone = authorization === undefined && apiKey === undefined
  return { authorization, apiKey, cookie: hasNone ? readCookie?.(method, headers) : undefined }
}

function readClient(
  { headers, socket }: IncomingMessage,
  readAddress: ReadClientAddress,
  pickHeaders: PickHeaders | undefined,
): ClientFacts {
  return {
    address: readAddress(socket.remoteAddress, single(headers['x-forwarded-for'])),
    name: single(headers['apollographql-client-name'])?.slice(0, NAME_CHARACTERS),
    version: single(headers['apollographql-client-version'])?.slice(0, NAME_CHARACTERS),
    asksCost: headers['x-cost'] === 'report' ? true : undefined,
    traceparent: single(headers['traceparent']),
    forwarded: pickHeaders?.(headers),
  }
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(', ')
}
