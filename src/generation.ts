import { createAuthorization, createPolicySchema, type LoadedRules } from './authorization/index.js'
import { createResponseCache } from './cache/index.js'
import type { GatewayOptions } from './config/schema.js'
import { createDocuments, namedDocument, type LearnedTexts, type TrustedSource } from './documents/index.js'
import { createExecution } from './execution/index.js'
import { createPlanning } from './federation/index.js'
import type { Identity } from './identity/index.js'
import type { OperationRecord } from './kernel/operation.js'
import type { DependencyHealth } from './kernel/ports/health.js'
import type { Clock } from './kernel/ports/clock.js'
import type { LimitStore } from './kernel/ports/limit-store.js'
import type { KeyValueStore } from './kernel/ports/key-value-store.js'
import type { Logger } from './kernel/ports/logger.js'
import type { Metrics } from './kernel/ports/metrics.js'
import type { RateCounter } from './kernel/ports/rate-counter.js'
import type { Supergraph } from './kernel/supergraph.js'
import {
  createCostLimits,
  createFieldLimits,
  type LimitedSeats,
  type LoadShedding,
  type RequestLimits,
} from './limits/index.js'
import type { BuiltGeneration } from './pipeline/generations.js'
import type { Line } from './pipeline/line.js'
import { createExplainOperation, type ExplainOperation } from './pipeline/explain-operation.js'
import { createRefuse } from './pipeline/refuse.js'
import { createRunOperation } from './pipeline/run-operation.js'
import { createSubscribe } from './pipeline/subscribe.js'
import { createThrough } from './pipeline/through.js'
import type { Places } from './streaming/index.js'
import { createUpstream, passedNames, variesBy } from './upstream/index.js'
import type { Usage } from './usage/index.js'

/** What outlives a generation: who knows callers, counts and remembered answers. */
export interface SharedParts {
  readonly identity: Identity
  readonly requestLimits: RequestLimits
  readonly seats: LimitedSeats
  readonly loadShedding: LoadShedding
  readonly usage: Usage
  readonly counter: RateCounter
  readonly limitStore: LimitStore
  readonly store: KeyValueStore
  readonly subscriptions: Places
  readonly rules: LoadedRules | undefined
  /** Texts that clients registered. */
  readonly learned: LearnedTexts
  /** Absent where no documents are trusted. */
  readonly trusted: TrustedSource | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly production: boolean
}

/** A generation and the state of the subgraphs that it calls. */
export interface GenerationParts extends BuiltGeneration {
  readonly health: () => readonly DependencyHealth[]
  /**
   * Plans stored operations, those that the generation before served most, and trusted documents, ahead of their first
   * request.
   */
  readonly warm: (stored: readonly OperationRecord[], hottest: readonly string[]) => Promise<void>
  /**
   * Works other limits out for this graph; what it returns takes them into force. Raises where they do not fit it, and
   * changes nothing before.
   */
  readonly prepareLimits: (limits: GatewayOptions['limits']) => () => void
  /** What would become of an operation, for operators. */
  readonly explain: ExplainOperation
  /** Trusted documents that cannot be run on it, and why. */
  readonly unfitDocuments: () => Promise<readonly string[]>
  /** What the next generation had better plan before it serves. */
  readonly hottest: () => readonly string[]
}

/**
 * Builds everything that belongs to one supergraph, in one go: policy, documents, plans, the way to its subgraphs
 * and the line over them.
 *
 * Raises when any part of it cannot be made; the generation before then goes on serving (design promise 5).
 */
export async function buildGeneration(
  supergraph: Supergraph,
  options: GatewayOptions,
  shared: SharedParts,
): Promise<GenerationParts> {
  const { clock, logger, metrics, counter } = shared
  const policySchema = createPolicySchema(supergraph)
  const authorization = createAuthorization(options.authorization, {
    policySchema,
    supergraph,
    logger,
    metrics,
    ...(shared.rules === undefined ? {} : { rules: shared.rules }),
  })
  logger.info(authorization.summary(), 'policy built')
  const fieldLimits = createFieldLimits(options.limits, { counter, policySchema, supergraph, logger })
  const costLimits = createCostLimits(options.limits.cost, {
    supergraph,
    metrics,
    limitStore: shared.limitStore,
  })
  const { learned, trusted, production } = shared
  const documents = createDocuments(options.documents, {
    apiSchema: supergraph.apiSchema,
    ...{ learned, trusted, production, clock, logger, metrics },
  })
  const cache = createResponseCache(options.cache, {
    store: shared.store,
    supergraphSchema: supergraph.schema,
    supergraphId: supergraph.id,
    variesBy: [...variesBy(options.upstream), ...(options.identity.cookie === undefined ? [] : ['Cookie'])],
    clock,
    logger,
    metrics,
  })
  // Last come the parts that have to be closed again: whatever else refuses the supergraph did so by now.
  const planning = await createPlanning(options, { supergraph, logger, clock })
  const upstream = createUpstream(options.upstream, {
    subgraphs: supergraph.subgraphs,
    clock,
    logger,
    metrics,
  })
  const execution = createExecution(options.execution, {
    supergraph,
    call: upstream.call,
    openEvents: upstream.openEvents,
    logger,
    metrics,
    givesCookies: passedNames(options.upstream).includes('set-cookie'),
  })

  const line: Line = {
    identify: shared.identity.stage,
    limitRequest: shared.usage.admit(shared.requestLimits.stage),
    seats: shared.seats,
    resolveDocument: documents.stage,
    authorize: authorization.stage,
    limitOperation: shared.requestLimits.beforeOperation(costLimits.charge(fieldLimits.stage)),
    limitEvent: costLimits.chargeEvent(fieldLimits.eventStage),
    cache: costLimits.remember(cache),
    plan: shared.loadShedding.before(costLimits.plan(planning.stage)),
    open: execution.open,
    fetch: execution.fetch,
    shape: costLimits.count(authorization.judge(execution.shape)),
  }
  const through = createThrough(metrics.observeStage)
  const refuse = createRefuse(logger, metrics)
  const { eventTimeoutMs, reloadSpreadMs } = options.subscriptions
  const { subscribe, retire } = createSubscribe({
    line,
    through,
    refuse,
    places: shared.subscriptions,
    eventTimeoutMs,
    reloadSpreadMs,
    metrics,
  })
  return {
    retire,
    generation: {
      id: supergraph.id,
      apiSchema: supergraph.apiSchema,
      runOperation: shared.usage.meter(createRunOperation(line, through, refuse, subscribe)),
      resolveStored: documents.resolveStored,
      ...(trusted && { trustedText: (received) => namedDocument(trusted.current(), received)?.source }),
    },
    warm: async (stored, hottest) => {
      await planning.warm(stored)
      const startedAtMs = clock.now()
      await planning.warmHottest(hottest, documents.resolveStored)
      const spentMs = clock.now() - startedAtMs
      await planning.warmListed(documents.textsAhead(), documents.resolveAhead, spentMs)
    },
    hottest: planning.hottest,
    prepareLimits: ({ fields, cost }) => {
      const takeCost = costLimits.prepare(cost)
      return () => {
        takeCost()
        fieldLimits.use(fields)
      }
    },
    unfitDocuments: documents.findUnfit,
    explain: createExplainOperation(line, authorization.explain, {
      limitOf: fieldLimits.limitOf,
      costOf: costLimits.explain,
    }),
    health: upstream.health,
    close: async () => {
      retire()
      await Promise.all([upstream.close(), planning.close()])
    },
  }
}
