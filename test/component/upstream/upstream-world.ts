import { afterEach } from '@jest/globals'
import { Deadline } from '../../../src/kernel/deadline.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import { SILENT_LOGGER, type Logger } from '../../../src/kernel/ports/logger.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import type { CallerFacts, SubgraphCall } from '../../../src/kernel/upstream-call.js'
import { createUpstream, type Upstream } from '../../../src/upstream/index.js'
import { upstreamOptions } from '../../../src/upstream/options.js'
import { startLyingSubgraph, type Behaviour, type LyingSubgraph } from './lying-subgraph.js'

export interface UpstreamWorld {
  readonly upstream: Upstream
  /** Milliseconds since the epoch, for breaker and signature; moved by the test. */
  readonly clock: { now: () => number; ms: number }
  readonly logged: object[]
  /** Subgraphs of calls that were counted as shared. */
  readonly shared: string[]
}

export interface World extends UpstreamWorld {
  readonly subgraph: LyingSubgraph
}

const cleanups: (() => Promise<void>)[] = []

/** Registers closing of every world that the tests of this file made. */
export function closeWorldsAfterEach(): void {
  afterEach(async () => {
    for (const close of cleanups.splice(0)) await close()
  })
}

export async function createWorld(behave: Behaviour, options: object = {}): Promise<World> {
  const subgraph = await startLyingSubgraph(behave)
  return { ...createUpstreamTo(subgraph, options), subgraph }
}

/** An upstream with two subgraphs that are one server, `shop` and `twin`; both are closed after the test. */
export function createUpstreamTo(
  server: { readonly url: string; readonly close: () => Promise<void> },
  options: object = {},
): UpstreamWorld {
  const clock = { ms: 1_700_000_000_000, now: () => clock.ms }
  const logged: object[] = []
  const shared: string[] = []
  const logger: Logger = { ...SILENT_LOGGER, warn: (facts, message) => logged.push({ ...facts, message }) }
  const upstream = createUpstream(upstreamOptions.parse(options), {
    subgraphs: ['shop', 'twin'].map((name) => ({ name, url: server.url })),
    clock,
    logger,
    metrics: { ...NO_METRICS, countSharedCall: (name) => void shared.push(name) },
  })
  cleanups.push(
    () => upstream.close(),
    () => server.close(),
  )
  return { upstream, clock, logged, shared }
}

export function createCaller(facts: Partial<CallerFacts> = {}): CallerFacts {
  return {
    principal: {
      kind: 'user',
      key: 'user:test:acme:u-1',
      userId: 'u-1',
      tenant: 'acme',
      plan: 'pro',
      scopes: new Set(['order:read', 'user:email']),
      scopeKey: 'order:read user:email',
      roles: ['buyer'],
    },
    requestId: 'request-1',
    client: { address: '203.0.113.9' },
    deadline: new Deadline(10_000),
    ...facts,
  }
}

export function createCall(call: Partial<SubgraphCall> = {}): SubgraphCall {
  return {
    subgraph: 'shop',
    operationType: 'query',
    operationName: 'Test',
    body: '{"query":"{ ok }"}',
    caller: createCaller(),
    ...call,
  }
}

/** The error that a promise rejects with; fails when it is no GatewayError or when there is none. */
export async function refusalOf(promise: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof GatewayError) return error
  throw new Error('expected a GatewayError', { cause: error })
}
