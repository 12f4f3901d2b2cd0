import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../kernel/gateway-error.js'
import type { JsonObject } from '../kernel/json.js'
import type { Route, RouteRequest, RouteResponse } from '../kernel/route.js'
import type { OpenArrival } from './arrival.js'
import { assertJsonContentType, assertMediaType } from './content-type.js'
import { exchangeOf } from './exchange.js'
import type { HttpOptions } from './options.js'
import { assertShallow, parseJsonObject } from './parse-json.js'
import { receiveBody } from './receive-body.js'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

type Method = (typeof METHODS)[number]

export interface RouteMount {
  readonly openArrival: OpenArrival
  readonly limits: Pick<HttpOptions['limits'], 'bodyBytes' | 'jsonDepth'>
  readonly config: FastifyContextConfig
}

/** Puts routes of other front ends on a listener; their other methods answer 405. */
export function mountRoutes(app: FastifyInstance, routes: readonly Route[], mount: RouteMount): void {
  const methods = new Map<string, Method[]>()
  for (const route of routes) {
    const own = mountOf(route, mount)
    app.route({
      method: route.method,
      url: route.path,
      config: own.config,
      handler: (request, reply) => serve(route, request, reply, own),
    })
    methods.set(route.path, [...(methods.get(route.path) ?? []), route.method])
  }
  for (const [path, allowed] of methods) refuseOtherMethods(app, path, allowed, mount.config)
}

/** Answers 405 with Allow to every method that a path does not have (RFC 9110 §15.5.6). */
export function refuseOtherMethods(
  app: FastifyInstance,
  path: string,
  declared: readonly Method[],
  config: FastifyContextConfig,
): void {
  // Fastify answers HEAD wherever there is a GET.
  const allowed = declared.includes('GET') ? [...declared, 'HEAD' as const] : declared
  const allow = METHODS.filter((method) => allowed.includes(method)).join(', ')
  app.route({
    method: METHODS.filter((method) => !allowed.includes(method)),
    url: path,
    config,
    handler: () => {
      throw new GatewayError('METHOD_NOT_ALLOWED', `This route is for ${allow}.`, { headers: { allow } })
    },
  })
}

/** The listener's terms, as far as the route does not have its own. */
function mountOf({ bodyBytes = Infinity, frontEnd }: Route, mount: RouteMount): RouteMount {
  return {
    ...mount,
    limits: { ...mount.limits, bodyBytes: Math.min(bodyBytes, mount.limits.bodyBytes) },
    config: frontEnd === undefined ? mount.config : { ...mount.config, frontEnd },
  }
}

async function serve(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  mount: RouteMount,
): Promise<FastifyReply> {
  const routeRequest = await toRouteRequest(request, mount)
  const { responseHead } = routeRequest.arrival
  let response: RouteResponse
  try {
    response = await route.handle(routeRequest)
  } catch (error) {
    // A refusal goes out with what stages have said before it, such as the limit that is reached.
    responseHead.forEach((value, name) => void reply.header(name, value))
    throw error
  }
  if (reply.sent) return reply
  const exchange = exchangeOf(request)
  Object.assign(exchange.logged, response.logged)
  for (const name in response.headers) responseHead.set(name, response.headers[name] ?? '')
  exchange.send(response.status, responseHead, response.body)
  return reply
}

async function toRouteRequest(
  request: FastifyRequest,
  { limits, openArrival }: RouteMount,
): Promise<RouteRequest> {
  const body = await readBody(request, limits.bodyBytes)
  exchangeOf(request).receivedBytes = body.length
  const [path = '', query = ''] = request.url.split('?', 2)
  return {
    method: request.method,
    path,
    params: request.params as Record<string, string>,
    query: new URLSearchParams(query),
    header: (name) => {
      const value = request.headers[name.toLowerCase()]
      return typeof value === 'string' ? value : value?.join(', ')
    },
    body,
    json: () => (body.length === 0 ? {} : readJson(body, request.headers['content-type'], limits.jsonDepth)),
    arrival: openArrival(request),
  }
}

function readJson(body: Buffer, contentType: string | undefined, depthLimit: number): JsonObject {
  assertJsonContentType(contentType)
  const parsed = parseJsonObject(body, 'The body')
  assertShallow(parsed, depthLimit, 'The body')
  return parsed
}

const NO_BODY = Buffer.alloc(0)

function readBody({ method, headers, raw }: FastifyRequest, limitBytes: number): Buffer | Promise<Buffer> {
  if (method === 'GET' || method === 'HEAD') return NO_BODY
  assertMediaType(headers['content-type'])
  return receiveBody(raw, limitBytes)
}
