import { readFileSync } from 'node:fs'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Subgraph } from '../kernel/supergraph.js'
import type { CallSubgraph, OpenSubgraphEvents } from '../kernel/upstream-call.js'
import { Connections } from './connections.js'
import { createEventTransport } from './events/event-transport.js'
import { guard, type GuardedSubgraph, type UpstreamPorts } from './guard.js'
import { rulesOf } from './headers/options.js'
import { withRequestRules } from './headers/request-rules.js'
import { compileResponseRules } from './headers/response-rules.js'
import { InFlight } from './in-flight.js'
import type { UpstreamOptions } from './options.js'
import { createHeaderWriter } from './request-headers.js'
import { SubgraphFault } from './subgraph-fault.js'
import { TimeLimits } from '../kernel/time-limits.js'
import { createTransport } from './transport.js'

export { createPickClientHeaders, type PickClientHeaders } from './headers/pick-client-headers.js'
export { passedNames, variesBy } from './headers/seen-by-clients.js'

export interface Upstream {
  readonly call: CallSubgraph
  readonly openEvents: OpenSubgraphEvents
  readonly health: () => readonly DependencyHealth[]
  /** Waits for calls in flight, which their deadlines bound, and closes all connections. */
  readonly close: () => Promise<void>
}

export interface UpstreamParts extends UpstreamPorts {
  readonly subgraphs: readonly Subgraph[]
}

/**
 * Makes the way to all subgraphs of one supergraph, each behind a guard and with connections of its own.
 *
 * Raises an Error where a certificate file cannot be read.
 */
export function createUpstream(options: UpstreamOptions, parts: UpstreamParts): Upstream {
  const writeOwnHeaders = createHeaderWriter(options, parts.clock)
  const tools = { ...parts, timeLimits: new TimeLimits(), inFlight: new InFlight() }
  const guarded = new Map<string, GuardedSubgraph>()
  const opened: Connections[] = []
  const certificates = readCertificates(options)

  for (const subgraph of parts.subgraphs) {
    const { name } = subgraph
    const own = options.subgraphs[name] ?? {}
    const url = parseUrl(own.url ?? subgraph.url)
    if (url === undefined) {
      parts.logger.error(
        { subgraph: name },
        'subgraph has no usable address; set upstream.subgraphs.<name>.url',
      )
      continue
    }
    const timeoutMs = own.timeoutMs ?? options.timeoutMs
    const ca = certificates.get(name)
    // Of each subgraph, not of each host: a hanging one cannot use up the connections of its neighbour.
    const connections = new Connections(url, {
      ...options,
      protocol: own.protocol ?? options.protocol,
      pipelining: own.pipelining ?? options.pipelining,
      ...(ca === undefined ? {} : { ca }),
    })
    opened.push(connections)
    const path = url.pathname + url.search
    const rules = rulesOf(options, name)
    const writeHeaders = withRequestRules(writeOwnHeaders, rules.request)
    const replyRules = compileResponseRules(rules.response, options.headers)
    const facts = { subgraph: name, maxReplyBytes: options.maxReplyBytes, replyRules }
    const way = { facts, connections, path, writeHeaders }
    const transports = {
      transport: createTransport(way),
      openStream: createEventTransport({ ...way, options: options.subscriptions }),
    }
    const givesCookies = replyRules?.merges.has('set-cookie') ?? false
    guarded.set(name, guard({ name, timeoutMs, givesCookies }, options, tools, transports))
  }
  warnOfUnknown(options, parts)

  return {
    call: (call) => guarded.get(call.subgraph)?.call(call) ?? Promise.reject(noAddress(call.subgraph)),
    openEvents: (call) =>
      guarded.get(call.subgraph)?.openEvents(call) ?? Promise.reject(noAddress(call.subgraph)),
    health: () =>
      parts.subgraphs.map(({ name }) => guarded.get(name)?.standing.health() ?? healthWithoutAddress(name)),
    close: async () => {
      await Promise.all(opened.map((connections) => connections.close()))
    },
  }
}

/** Read anew for each generation, so that a reload takes renewed certificates; before anything has to be closed. */
function readCertificates({ subgraphs }: UpstreamOptions): ReadonlyMap<string, string> {
  const certificates = new Map<string, string>()
  for (const [name, { caFile }] of Object.entries(subgraphs)) {
    if (caFile === undefined) continue
    try {
      certificates.set(name, readFileSync(caFile, 'utf8'))
    } catch (cause) {
      throw new Error(`upstream.subgraphs.${name}.caFile cannot be read: ${caFile}`, { cause })
    }
  }
  return certificates
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
