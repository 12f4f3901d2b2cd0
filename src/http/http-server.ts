import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import type { Identified, Received } from '../kernel/contexts.js'
import type { CurrentGeneration } from '../kernel/generation.js'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Route } from '../kernel/route.js'
import type { Stage } from '../kernel/stage.js'
import type { AccessLogPorts } from './access-log.js'
import { createApolloFront, type ApolloPlugin } from './apollo-front.js'
import { createOpenArrival, createReadCaller, type OpenArrival, type PickHeaders } from './arrival.js'
import { createReadClientAddress } from './client-address.js'
import { createReadCookie, type TokenCookie } from './cookie-credential.js'
import { corsRules, createIsOriginAllowed } from './cors.js'
import { createGraphiqlPage } from './graphiql-page.js'
import { mountGraphql, ownFront } from './graphql-route.js'
import { createHealthRoutes } from './health-routes.js'
import { createListener, type Listener, type ListeningAt } from './listener.js'
import { mountRoutes, refuseOtherMethods } from './mount-routes.js'
import type { HttpOptions } from './options.js'
import { isPageServed } from './page.js'
import { createSandboxPage } from './sandbox-page.js'
import { renderSecurityHeaders } from './security-headers.js'
import { serveWebSockets } from './web-socket/web-socket-front.js'

export interface HttpPorts extends AccessLogPorts {
  readonly current: CurrentGeneration
  /** The stage that knows callers; for sockets, on which a caller introduces himself before he asks for anything. */
  readonly identify: Stage<Received, Identified>
  /** What other front ends bring: BFF endpoints, tokens, OpenAPI. */
  readonly routes: readonly Route[]
  readonly health: () => readonly DependencyHealth[]
  /** Turns pages for developers, and localhost as an origin, off where they are `auto`. */
  readonly production?: boolean
  /** Named in every Bearer challenge, so that clients find the way to a token (RFC 9728 §5.1). */
  readonly resourceMetadataUrl?: string | undefined
  /** For `front: apollo` only. */
  readonly apolloPlugins?: readonly ApolloPlugin[]
  /** Where header rules let something of the client through to subgraphs. */
  readonly pickHeaders?: PickHeaders | undefined
  /** Where a caller's token may come in a cookie. */
  readonly tokenCookie?: TokenCookie | undefined
  /** Headers of subgraphs that responses may have, which pages of other origins may read too. */
  readonly passedHeaders?: readonly string[]
  /** Whether the bytes of requests and answers are counted for whoever the line says. */
  readonly countsTraffic?: boolean
}

export interface HttpServer {
  readonly listen: (address: { host: string; port: number }) => Promise<ListeningAt>
  /** Readiness turns 503 and new connections are refused; everything already here is answered. */
  readonly beginDrain: () => void
  /** True from then on, also for the health routes of the admin listener. */
  readonly isDraining: () => boolean
  /** Drains, then closes; resolves when the last request is answered. */
  readonly close: () => Promise<void>
  /** A request without a socket, for tests. */
  readonly inject: FastifyInstance['inject']
}

/** Makes the public listener: GraphQL over HTTP, pages, health and the routes of other front ends. */
export function createHttpServer(options: HttpOptions, ports: HttpPorts): HttpServer {
  const listener = createListener(options, ports)
  const { app, drain } = listener
  const readCaller = createReadCaller({
    readAddress: createReadClientAddress(options.trustedProxies),
    pickHeaders: ports.pickHeaders,
    readCookie: ports.tokenCookie && createReadCookie(ports.tokenCookie, options.csrf.headers),
  })
  const openArrival = createOpenArrival(options.requestTimeoutMs, readCaller, ports.countsTraffic)
  const production = ports.production ?? false
  const rules = corsRules(options.cors, production, ports.passedHeaders)
  addSecurityHeaders(listener, production)
  if (ports.resourceMetadataUrl !== undefined) listener.head.nameInChallenges(ports.resourceMetadataUrl)
  if (rules !== undefined) void app.register(cors, rules)
  app.after(() => {
    mountEverything(listener, { options, ports, openArrival, production })
  })
  if (options.webSocket.enabled) {
    const isOriginAllowed = createIsOriginAllowed(options.cors, production, ports.tokenCookie?.origins)
    serveWebSockets(listener, options, { ...ports, readCaller, isOriginAllowed })
  }
  return {
    listen: listener.listen,
    beginDrain: () => {
      drain.begin()
    },
    isDraining: () => drain.hasBegun,
    close: listener.close,
    inject: app.inject.bind(app),
  }
}

function addSecurityHeaders({ app, head }: Listener, production: boolean): void {
  app.addHook('onReady', async () => {
    head.fix(await renderSecurityHeaders(production))
  })
}

interface Furnishing {
  readonly options: HttpOptions
  readonly ports: HttpPorts
  readonly openArrival: OpenArrival
  readonly production: boolean
}

function mountEverything({ app, drain, inFlight }: Listener, furnishing: Furnishing): void {
  const { options, ports, openArrival, production } = furnishing
  mountGraphql(app, {
    options,
    current: ports.current,
    front: options.front === 'apollo' ? createApolloFront(ports.logger, ports.apolloPlugins) : ownFront,
    openArrival,
    inFlight,
    logger: ports.logger,
    sandbox: isPageServed(options.sandbox, production) ? createSandboxPage() : undefined,
  })
  if (isPageServed(options.graphiql, production)) {
    app.get('/graphiql', createGraphiqlPage())
    refuseOtherMethods(app, '/graphiql', ['GET'], {})
  }
  const { limits } = options
  const health = createHealthRoutes({ ...ports, isDraining: () => drain.hasBegun })
  mountRoutes(app, health, { openArrival, limits, config: { vital: true, frontEnd: 'health' } })
  mountRoutes(app, ports.routes, { openArrival, limits, config: { frontEnd: 'bff' } })
}
