import { loadShieldRules, type LoadedRules } from './authorization/index.js'
import type { GatewayOptions } from './config/schema.js'
import {
  createLearnedTexts,
  createTrustedSource,
  hasTrustedDocuments,
  namedDocument,
} from './documents/index.js'
import type { SharedParts } from './generation.js'
import { createIdentity } from './identity/index.js'
import { createApiKeyStore } from './infra/api-key-store.js'
import { createKeyValueStore } from './infra/key-value-store.js'
import { createRedisQuotaLedger } from './infra/redis-quota-ledger.js'
import { createOutboxFor, createUsageStore } from './infra/usage-store.js'
import type { Logger } from './kernel/ports/logger.js'
import type { Metrics } from './kernel/ports/metrics.js'
import { createLimitStore, type OwnedLimitStore } from './infra/limit-store/create-limit-store.js'
import { createRateCounter } from './infra/rate-counter.js'
import type { RedisConnection } from './infra/redis-connection.js'
import { createRedisPublishedDocuments } from './infra/redis-published-documents.js'
import { SYSTEM_CLOCK, type Clock } from './kernel/ports/clock.js'
import {
  createFailedCredentials,
  createLoadShedding,
  createRequestLimits,
  createSeats,
} from './limits/index.js'
import { Places } from './streaming/index.js'
import { createUsage, type Usage } from './usage/index.js'

export interface SharedPorts {
  /** Absent: counts and answers stay in this process, behind the same ports. */
  readonly redis: RedisConnection | undefined
  readonly rules: LoadedRules | undefined
  readonly logger: Logger
  readonly metrics: Metrics
  readonly production: boolean
}

/** What the composition root has to close again. */
export interface OwnedParts extends SharedParts {
  readonly limitStore: OwnedLimitStore
  /** Takes changed limits on requests and on work in flight into force: those that know of no graph. */
  readonly useLimits: (limits: GatewayOptions['limits']) => void
}

/** Makes the adapters and the features that outlive a generation. */
export function createSharedParts(options: GatewayOptions, ports: SharedPorts): OwnedParts {
  const { redis, rules, logger, metrics, production } = ports
  const clock = SYSTEM_CLOCK
  const limitStore = createLimitStore(redis, options, clock)
  const counter = createRateCounter(redis, options, clock, limitStore.instances)
  const { requests } = options.limits
  const { apq, trusted } = options.documents
  const trustedSource = hasTrustedDocuments(trusted)
    ? createTrustedSource(trusted, {
        logger,
        published: redis && trusted.published.redis ? createRedisPublishedDocuments(redis) : undefined,
      })
    : undefined
  const failedCredentials = createFailedCredentials(requests, { limitStore, clock })
  const requestLimits = createRequestLimits(requests, {
    limitStore,
    namesTrusted: (context) =>
      trustedSource !== undefined && namedDocument(trustedSource.current(), context) !== undefined,
  })
  const seats = createSeats(options.limits.concurrency)
  const loadShedding = createLoadShedding(options.limits.shedding, { logger })
  const store = createKeyValueStore(redis, options, clock)
  return {
    identity: createIdentity(options.identity, {
      clock,
      logger,
      failures: failedCredentials,
      apiKeyStore: createApiKeyStore(options.identity.apiKeys, logger),
    }),
    requestLimits,
    seats,
    loadShedding,
    useLimits: (limits) => {
      requestLimits.use(limits.requests)
      failedCredentials.use(limits.requests)
      seats.use(limits.concurrency)
      loadShedding.use(limits.shedding)
    },
    usage: createUsageParts(options.usage, ports, clock),
    counter,
    limitStore,
    store,
    subscriptions: new Places(options.subscriptions, metrics, clock),
    rules,
    learned: createLearnedTexts(apq, { store: redis && store, clock }),
    trusted: trustedSource,
    clock,
    logger,
    metrics,
    production,
  }
}

function createUsageParts(
  options: GatewayOptions['usage'],
  { redis, logger, metrics }: SharedPorts,
  clock: Clock,
): Usage {
  if (!options.enabled) return createUsage(options, undefined)
  const store = createUsageStore(options, logger)
  return createUsage(options, {
    store,
    outbox: createOutboxFor(options),
    ledger: redis && createRedisQuotaLedger(redis, store),
    clock,
    logger,
    onFlush: metrics.countUsageFlush,
  })
}

/** Loads the operator's shield rules, when there are any. */
export async function loadRules({ authorization }: GatewayOptions): Promise<LoadedRules | undefined> {
  return authorization.rules === undefined ? undefined : loadShieldRules(authorization.rules)
}
