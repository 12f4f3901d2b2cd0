import { receive } from '../kernel/contexts.js'
import type { CurrentGeneration, Generation } from '../kernel/generation.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { OperationRecord } from '../kernel/operation.js'
import { notLoaded } from '../kernel/out-of-service.js'
import type { Route, RouteRequest, RouteResponse } from '../kernel/route.js'
import type { Endpoint } from './define-endpoint.js'
import { isUnmodified, presentReply } from './present.js'
import {
  prepareEndpoint,
  readStoredOperation,
  type LoadedEndpoint,
  type PreparedEndpoint,
} from './stored-operation.js'

export interface BffEngine {
  /** One route per endpoint, for the listener. */
  readonly routes: readonly Route[]
  /**
   * Validates every endpoint's operation against a generation that is about to serve, and returns the faults
   * as sentences. Without faults the endpoints are ready for that generation.
   */
  readonly prepare: (generation: Generation) => readonly string[]
  /** The operations of a prepared generation, to be planned before it serves. */
  readonly operationsOf: (generation: Generation) => readonly OperationRecord[]
}

/**
 * Makes the engine that serves declared endpoints: match → parameters → the line → present → negotiate.
 *
 * It builds the received context from a stored operation and hands it to `runOperation`, as the GraphQL front
 * does; there is no other way to data (design §3).
 */
export async function createBffEngine(
  endpoints: readonly Endpoint[],
  current: CurrentGeneration,
): Promise<BffEngine> {
  const loaded = await Promise.all(endpoints.map(readStoredOperation))
  const prepared = new WeakMap<Generation, ReadonlyMap<Endpoint, PreparedEndpoint>>()
  return {
    routes: endpoints.map((endpoint) => ({
      method: endpoint.method,
      path: endpoint.path,
      handle: (request) => serve(endpoint, request, current, prepared),
    })),
    prepare(generation) {
      const { ready, faults } = prepareAll(loaded, generation)
      if (faults.length === 0) prepared.set(generation, ready)
      return faults
    },
    operationsOf: (generation) =>
      [...(prepared.get(generation)?.values() ?? [])].map(({ operation }) => operation),
  }
}

async function serve(
  endpoint: Endpoint,
  request: RouteRequest,
  current: CurrentGeneration,
  prepared: WeakMap<Generation, ReadonlyMap<Endpoint, PreparedEndpoint>>,
): Promise<RouteResponse> {
  assertAcceptable(request.header('accept'))
  const generation = current()
  const ready = generation && prepared.get(generation)?.get(endpoint)
  if (generation === undefined || ready === undefined) throw notLoaded()
  const variables = ready.readParameters(request)
  const received = receive(request.arrival, {
    frontEnd: 'bff',
    route: endpoint.path,
    request: { variables, readOnly: endpoint.method === 'GET' },
    stored: ready.operation,
    credentialRequired: endpoint.signedIn,
  })
  const reply = await generation.runOperation(received)
  const response = presentReply(endpoint, reply, variables)
  const logged = {
    operationName: ready.operation.name,
    principalKind: reply.principal?.kind,
    tenant: reply.principal?.tenant,
    keyId: reply.principal?.apiKey?.id,
    keyName: reply.principal?.apiKey?.name,
    cache: reply.cacheStatus,
    errorCodes: reply.answer.body.errors?.map((error) => error.extensions.code),
  }
  return isUnmodified(request.header('if-none-match'), response.headers['etag'])
    ? { status: 304, headers: withoutContent(response.headers), body: '', logged }
    : { ...response, logged }
}

function prepareAll(loaded: readonly LoadedEndpoint[], generation: Generation) {
  const ready = new Map<Endpoint, PreparedEndpoint>()
  const faults: string[] = []
  for (const each of loaded) {
    try {
      ready.set(each.endpoint, prepareEndpoint(each, generation))
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      const findings = error.details?.map((detail) => detail.message) ?? [error.message]
      faults.push(`${each.endpoint.method} ${each.endpoint.path}: ${findings.join(' ')}`)
    }
  }
  return { ready, faults }
}

/** Only JSON is offered (RFC 9110 §12.5.1); a missing Accept takes anything. */
function assertAcceptable(accept: string | undefined): void {
  if (accept === undefined || accept.trim() === '') return
  const admits = accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
    return !refused && (type === '*/*' || type === 'application/*' || type === 'application/json')
  })
  if (!admits) throw new GatewayError('NOT_ACCEPTABLE', 'This endpoint answers application/json.')
}

function withoutContent(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-type'))
}
