import { collectDefaultMetrics, Gauge, Registry, type Metric } from 'prom-client'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import { DistributionSeries } from './distribution-series.js'
import { DurationSeries } from './duration-series.js'
import { CounterSeries } from './metric-series.js'

/** Upper bounds in units of cost: one object, a page, a page of pages. */
const COST_BOUNDS = [0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]

export interface MetricsOptions {
  /** Memory, CPU, event loop delay and collector pauses of the process; off where several gateways share one. */
  readonly processMetrics?: boolean
  /** What `gateway_dependency_up` shows, asked at each scrape. */
  readonly dependencies?: () => readonly DependencyHealth[]
  /** Rows of usage that are not in their store yet, asked at each scrape. */
  readonly usageWaiting?: () => number
}

export interface ScrapableMetrics extends Metrics {
  /** Everything in the Prometheus text format, version 0.0.4. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

/** Makes the metrics of one gateway, in a registry of its own. */
export function createMetrics(options: MetricsOptions = {}): ScrapableMetrics {
  const registry = new Registry()
  const series = registerSeries(registry)
  const openSockets = new Gauge({
    name: 'gateway_open_sockets',
    help: 'WebSockets of clients that are open.',
    registers: [registry],
  })
  const openSubscriptions = new Gauge({
    name: 'gateway_subscriptions_open',
    help: 'Subscriptions that are open in this process.',
    registers: [registry],
  })
  if (options.processMetrics ?? true) collectDefaultMetrics({ register: registry })
  if (options.dependencies !== undefined) registerDependencies(registry, options.dependencies)
  if (options.usageWaiting !== undefined) registerUsageWaiting(registry, options.usageWaiting)
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observeStage: (stage, milliseconds) => {
      series.stages.observe(milliseconds, stage)
    },
    countRequest: ({ frontEnd, status, milliseconds }) => {
      series.requests.add(frontEnd, String(status))
      series.durations.observe(milliseconds, frontEnd)
    },
    countError: (code) => {
      series.errors.add(code)
    },
    countDryRunRefusal: (code) => {
      series.dryRunRefusals.add(code)
    },
    countCache: (status) => {
      series.cache.add(status)
    },
    observeCost: (kind, cost) => {
      series.costs.observe(cost, kind)
    },
    countDocument: (trust, principalKind) => {
      series.documents.add(trust, principalKind)
    },
    observeSubgraphCall: ({ subgraph, outcome, milliseconds }) => {
      series.subgraphs.observe(milliseconds, subgraph, outcome)
    },
    countSharedCall: (subgraph) => {
      series.shared.add(subgraph)
    },
    showOpenSockets: (open) => {
      openSockets.set(open)
    },
    subscriptionOpened: () => {
      openSubscriptions.inc()
    },
    subscriptionEnded: (end) => {
      openSubscriptions.dec()
      series.subscriptionsEnded.add(end)
    },
    countSubscriptionEvent: () => {
      series.subscriptionEvents.add()
    },
    countUsageFlush: (outcome) => {
      series.usageFlushes.add(outcome)
    },
  }
}

function registerSeries(registry: Registry) {
  const series = {
    requests: new CounterSeries({
      name: 'gateway_requests_total',
      help: 'Requests answered, by front end and HTTP status.',
      labels: ['front_end', 'status'],
    }),
    durations: new DurationSeries({
      name: 'gateway_request_duration_seconds',
      help: 'Time from receiving a request to its answer.',
      labels: ['front_end'],
    }),
    stages: new DurationSeries({
      name: 'gateway_stage_duration_seconds',
      help: 'Time spent in each stage of the line.',
      labels: ['stage'],
    }),
    errors: new CounterSeries({
      name: 'gateway_errors_total',
      help: 'Errors sent to clients, by code.',
      labels: ['code'],
    }),
    dryRunRefusals: new CounterSeries({
      name: 'gateway_dry_run_refusals_total',
      help: 'Fields that authorization.dryRun let through, by the code with which they would be refused.',
      labels: ['code'],
    }),
    cache: new CounterSeries({
      name: 'gateway_cache_total',
      help: 'What the response cache said, by X-Cache status.',
      labels: ['status'],
    }),
    costs: new DistributionSeries(
      {
        name: 'gateway_operation_cost_units',
        help: 'Cost of operations by @cost and @listSize, as estimated and as counted; nothing where cost is off.',
        labels: ['kind'],
      },
      COST_BOUNDS,
    ),
    documents: new CounterSeries({
      name: 'gateway_documents_total',
      help: 'Documents let in, where some are trusted, by whether this one is and by the kind of caller.',
      labels: ['trust', 'principal_kind'],
    }),
    subgraphs: new DurationSeries({
      name: 'gateway_subgraph_duration_seconds',
      help: 'Time of calls to subgraphs, by outcome.',
      labels: ['subgraph', 'outcome'],
    }),
    shared: new CounterSeries({
      name: 'gateway_subgraph_shared_calls_total',
      help: 'Calls to subgraphs that waited for an equal one in flight instead of being sent.',
      labels: ['subgraph'],
    }),
    subscriptionEvents: new CounterSeries({
      name: 'gateway_subscription_events_total',
      help: 'Answers of subscriptions that their readers took.',
      labels: [],
    }),
    subscriptionsEnded: new CounterSeries({
      name: 'gateway_subscriptions_ended_total',
      help: 'Subscriptions that were open, by what ended them.',
      labels: ['end'],
    }),
    usageFlushes: new CounterSeries({
      name: 'gateway_usage_flushes_total',
      help: 'Batches of usage that were written, and attempts that failed.',
      labels: ['outcome'],
    }),
  }
  // The registry only asks for `name` and `get()`; its type wants the whole class.
  for (const metric of Object.values(series)) registry.registerMetric(metric as unknown as Metric)
  return series
}

function registerDependencies(registry: Registry, dependencies: () => readonly DependencyHealth[]): void {
  new Gauge({
    name: 'gateway_dependency_up',
    help: '1 while the dependency can be used, 0 while the gateway goes on without it.',
    labelNames: ['name'],
    registers: [registry],
    collect() {
      for (const { name, state } of dependencies()) this.set({ name }, state === 'down' ? 0 : 1)
    },
  })
}

function registerUsageWaiting(registry: Registry, waiting: () => number): void {
  new Gauge({
    name: 'gateway_usage_waiting_rows',
    help: 'Rows of usage that are counted and not in their store yet.',
    registers: [registry],
    collect() {
      this.set(waiting())
    },
  })
}
