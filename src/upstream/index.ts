import { Pool } from 'undici'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Subgraph } from '../kernel/supergraph.js'
import type { CallSubgraph } from '../kernel/upstream-call.js'
import { guard, type GuardedSubgraph, type UpstreamPorts } from './guard.js'
import { InFlight } from './in-flight.js'
import type { UpstreamOptions } from './options.js'
import { createHeaderWriter } from './request-headers.js'
import { SubgraphFault } from './subgraph-fault.js'
import { TimeLimits } from './time-limits.js'
import { createTransport } from './transport.js'

export interface Upstream {
  readonly call: CallSubgraph
  readonly health: () => readonly DependencyHealth[]
  /** Waits for calls in flight, which their deadlines bound, and closes all connections. */
  readonly close: () => Promise<void>
}

export interface UpstreamParts extends UpstreamPorts {
  readonly subgraphs: readonly Subgraph[]
}

/** Makes the way to all subgraphs of one supergraph, each behind a guard and a connection pool of its own. */
export function createUpstream(options: UpstreamOptions, parts: UpstreamParts): Upstream {
  const writeHeaders = createHeaderWriter(options, parts.clock)
  const tools = { ...parts, timeLimits: new TimeLimits(), inFlight: new InFlight() }
  const guarded = new Map<string, GuardedSubgraph>()
  const pools: Pool[] = []

  for (const subgraph of parts.subgraphs) {
    const { name } = subgraph
    const own = options.subgraphs[name]
    const url = parseUrl(own?.url ?? subgraph.url)
    if (url === undefined) {
      parts.logger.error(
        { subgraph: name },
        'subgraph has no usable address; set upstream.subgraphs.<name>.url',
      )
      continue
    }
    // One pool per subgraph, not per host: a hanging one cannot use up the connections of its neighbour.
    const pool = createPool(url, options)
    pools.push(pool)
    const timeoutMs = own?.timeoutMs ?? options.timeoutMs
    const path = url.pathname + url.search
    const { maxReplyBytes } = options
    const transport = createTransport({ pool, path, writeHeaders, maxReplyBytes })
    guarded.set(name, guard({ name, timeoutMs }, options, tools, transport))
  }
  warnOfUnknown(options, parts)

  return {
    call: (call) => guarded.get(call.subgraph)?.call(call) ?? Promise.reject(noAddress(call.subgraph)),
    health: () =>
      parts.subgraphs.map(({ name }) => guarded.get(name)?.standing.health() ?? healthWithoutAddress(name)),
    close: async () => {
      await Promise.all(pools.map((pool) => pool.close()))
    },
  }
}

function createPool(url: URL, options: UpstreamOptions): Pool {
  return new Pool(url.origin, {
    connections: options.connections,
    connect: { timeout: options.connectTimeoutMs },
    keepAliveTimeout: options.keepAliveMs,
    maxHeaderSize: options.maxReplyHeaderBytes,
    // Deadlines bound the whole call; undici's own timers would only add work.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

function parseUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined
}

function warnOfUnknown(options: UpstreamOptions, parts: UpstreamParts): void {
  const known = new Set(parts.subgraphs.map(({ name }) => name))
  const unknown = Object.keys(options.subgraphs).filter((name) => !known.has(name))
  if (unknown.length > 0)
    parts.logger.warn({ unknown }, 'upstream.subgraphs names subgraphs that are not composed')
}

function noAddress(subgraph: string): SubgraphFault {
  return new SubgraphFault('SUBGRAPH_UNAVAILABLE', subgraph, { reason: 'no address', blames: false })
}

function healthWithoutAddress(name: string): DependencyHealth {
  return { name: `subgraph ${name}`, state: 'down', required: false, detail: 'It has no usable address.' }
}
