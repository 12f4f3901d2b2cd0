import type { FastifyInstance } from 'fastify'
import type { AccessLogPorts } from '../http/access-log.js'
import { createOpenArrival, createReadCaller } from '../http/arrival.js'
import { createReadClientAddress } from '../http/client-address.js'
import { createHealthRoutes } from '../http/health-routes.js'
import { createListener, type ListeningAt } from '../http/listener.js'
import { mountRoutes } from '../http/mount-routes.js'
import { httpOptions } from '../http/options.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { CurrentGeneration, Generation } from '../kernel/generation.js'
import { notLoaded } from '../kernel/out-of-service.js'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Route } from '../kernel/route.js'
import { createExplainRoute, type Explain } from './explain-route.js'
import { createGuardRoute, type IdentifyCaller } from './guard.js'
import type { AdminOptions } from './options.js'

export interface AdminPorts extends AccessLogPorts {
  readonly current: CurrentGeneration
  readonly health: () => readonly DependencyHealth[]
  /** True once the public listener drains. */
  readonly isDraining?: () => boolean
  /** All metrics in Prometheus' text format. */
  readonly metricsText: () => string | Promise<string>
  /** The SDL that serves now, directives of policy included. */
  readonly supergraphSdl?: () => string | undefined
  /** Says why a caller gets what he gets. */
  readonly explain?: Explain
  /**
   * Reads config, rules and supergraph again, and says what became of it; rejects when any is refused, and what served
   * before goes on.
   */
  readonly reload?: () => Promise<object>
  /** Who comes with a token of an issuer; absent: the admin token alone counts. */
  readonly identify?: IdentifyCaller
  /** Further routes for operators; all of them stand behind the admin check. */
  readonly routes?: readonly Route[]
}

export interface AdminServer {
  readonly listen: (address: { host: string; port: number }) => Promise<ListeningAt>
  readonly close: () => Promise<void>
  readonly inject: FastifyInstance['inject']
}

/** Nothing here may take long: an operator's request that hangs is no reason to delay a stop. */
const DRAIN_MS = 1_000

/** Makes the listener for operators, apart from the public one so that it can stay off public networks. */
export function createAdminServer(options: AdminOptions, ports: AdminPorts): AdminServer {
  const listenerOptions = { ...httpOptions.parse({}), drainTimeoutMs: DRAIN_MS, idleDrainMs: 0 }
  const { app, drain, listen, close } = createListener(listenerOptions, ports)
  const mount = {
    openArrival: createOpenArrival(
      listenerOptions.requestTimeoutMs,
      createReadCaller({ readAddress: createReadClientAddress([]) }),
    ),
    limits: listenerOptions.limits,
    config: { frontEnd: 'admin', vital: true },
  }
  const isDraining = () => drain.hasBegun || (ports.isDraining?.() ?? false)
  const guard = createGuardRoute(options, ports.identify)
  const open = [...createHealthRoutes({ ...ports, isDraining }), metricsRoute(ports)]
  const explain = ports.explain === undefined ? [] : [createExplainRoute(ports.explain)]
  const reload = ports.reload === undefined ? [] : [reloadRoute(ports.reload, ports)]
  const guarded = [supergraphRoute(ports), ...explain, ...reload, ...(ports.routes ?? [])].map(guard)
  mountRoutes(app, [...open, ...guarded], mount)
  return { listen, close, inject: app.inject.bind(app) }
}

function metricsRoute({ metricsText }: AdminPorts): Route {
  return {
    method: 'GET',
    path: '/metrics',
    handle: async () => ({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: await metricsText(),
    }),
  }
}

function reloadRoute(reload: () => Promise<object>, { current, logger }: AdminPorts): Route {
  return {
    method: 'POST',
    path: '/reload',
    handle: async () => {
      const before = current()
      let report: object
      try {
        report = await reload()
      } catch (cause) {
        const goesOn = whatGoesOn(before, current())
        const generation = current()?.id
        logger.error({ err: cause, generation }, `a reload was refused; ${goesOn}`)
        const reason = cause instanceof Error ? cause.message : 'unknown'
        throw new GatewayError('RELOAD_REFUSED', `Refused, and ${goesOn}. ${reason}`, {
          cause,
          extensions: { generation: generation ?? null, ...findingsOf(cause) },
        })
      }
      return {
        status: 200,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ generation: current()?.id, ...report }),
      }
    },
  }
}

/** One part may be refused when another was taken: a new graph goes on with the rules of before, if they fit it. */
function whatGoesOn(before: Generation | undefined, now: Generation | undefined): string {
  if (now === before) return 'what served before goes on'
  const taken = now?.id === before?.id ? 'the rules serve as they were read again' : 'the new graph serves'
  return `${taken}, with the other parts as they were before`
}

/** Where a fault is made of several findings, as that of a config. */
function findingsOf(cause: unknown): { readonly findings?: readonly string[] } {
  const findings: unknown = cause instanceof Error && 'findings' in cause ? cause.findings : undefined
  return Array.isArray(findings) ? { findings: findings.map(String) } : {}
}

function supergraphRoute({ current, supergraphSdl }: AdminPorts): Route {
  return {
    method: 'GET',
    path: '/supergraph',
    handle: () => {
      const sdl = supergraphSdl?.()
      const id = current()?.id
      if (sdl === undefined || id === undefined) return Promise.reject(notLoaded())
      return Promise.resolve({
        status: 200,
        headers: { 'content-type': 'application/graphql; charset=utf-8', etag: `"${id}"` },
        body: sdl,
      })
    },
  }
}
