import type { CurrentGeneration } from '../kernel/generation.js'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Route, RouteResponse } from '../kernel/route.js'

export interface HealthPorts {
  readonly current: CurrentGeneration
  readonly health: () => readonly DependencyHealth[]
  readonly isDraining: () => boolean
}

/**
 * Makes the two health routes.
 *
 * Live: the process works; a failing one is restarted, so nothing outside the process counts. Ready: requests
 * may be sent here; not while draining, without a graph, or without something that is required.
 */
export function createHealthRoutes(ports: HealthPorts): readonly Route[] {
  return [
    { method: 'GET', path: '/health/live', handle: async () => Promise.resolve(json(200, { status: 'ok' })) },
    { method: 'GET', path: '/health/ready', handle: async () => Promise.resolve(readiness(ports)) },
  ]
}

function readiness({ current, health, isDraining }: HealthPorts): RouteResponse {
  const dependencies = health()
  const generation = current()?.id ?? null
  const isMissing = generation === null || dependencies.some((each) => each.required && each.state === 'down')
  const status = isDraining() ? 'draining' : isMissing ? 'unavailable' : 'ready'
  return json(status === 'ready' ? 200 : 503, { status, generation, dependencies })
}

function json(status: number, body: object): RouteResponse {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(status === 503 ? { 'retry-after': '1' } : {}),
    },
    body: JSON.stringify(body),
  }
}
