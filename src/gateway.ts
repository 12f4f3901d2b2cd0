import { createAdminServer } from './admin/index.js'
import { createBffEngine, loadEndpoints, type Endpoint } from './bff/index.js'
import { listenOrExplain } from './cli/listen.js'
import type { ListenOverrides, RunningGateway } from './cli/command-context.js'
import { explainAsked } from './explain-request.js'
import type { LoadedRules } from './authorization/index.js'
import { createTurns } from './kernel/turns.js'
import { withAbsolutePaths } from './config/absolute-paths.js'
import type { LoadedConfig } from './config/load.js'
import { assertFitForProduction, withoutUnsafeKeys } from './config/production.js'
import type { GatewayOptions } from './config/schema.js'
import { createSupergraphSource } from './federation/index.js'
import { buildGeneration, type GenerationParts, type SharedParts } from './generation.js'
import { createHttpServer } from './http/index.js'
import { createLogger } from './infra/logger.js'
import { createMetrics } from './infra/metrics.js'
import { createRedisConnection } from './infra/redis-connection.js'
import { receive } from './kernel/contexts.js'
import { notLoaded } from './kernel/out-of-service.js'
import type { Logger } from './kernel/ports/logger.js'
import { SYSTEM_CLOCK } from './kernel/ports/clock.js'
import type { DependencyHealth } from './kernel/ports/health.js'
import type { Supergraph } from './kernel/supergraph.js'
import { countWork, createGenerations, type CountedGeneration } from './pipeline/generations.js'
import { createConfigReload } from './config-reload.js'
import { createLiveLimits } from './live-limits.js'
import { createReload } from './reload.js'
import { createRuleSource } from './rule-source.js'
import { createSharedParts } from './shared-parts.js'
import { createPickClientHeaders, passedNames } from './upstream/index.js'

/** What a program that embeds the gateway may bring itself. */
export interface GatewayParts {
  /** Endpoints beside those of `bff.directory`. */
  readonly endpoints?: readonly Endpoint[]
  readonly production?: boolean
}

export interface Gateway {
  /** Loads keys and the supergraph and begins to listen. */
  readonly start: (overrides?: ListenOverrides) => Promise<RunningGateway>
}

/**
 * The composition root: makes adapters, features, the line and the front ends from a config, and puts them
 * together. No other file knows them all; nothing happens here but wiring.
 */
export async function createGateway(config: LoadedConfig, parts: GatewayParts = {}): Promise<Gateway> {
  const written = withAbsolutePaths(config)
  const production = parts.production ?? false
  if (production) assertFitForProduction(written)
  const clock = SYSTEM_CLOCK
  const logger = createLogger(written.log)
  const options = production ? withoutUnsafeKeys(written, logger) : written
  const metrics = createMetrics({ dependencies: () => health(), usageWaiting: () => usage.waitingRows() })

  // Adapters: with Redis or without, behind the same ports.
  const redis = options.redis.url === '' ? undefined : createRedisConnection(options.redis, { logger })
  const rules = await createRuleSource(options, { logger })
  const shared = createSharedParts(options, { redis, rules: rules.current(), logger, metrics, production })
  const { identity, trusted, usage } = shared

  // Generations: a new supergraph serves only when everything that depends on it could be built.
  const generations = createGenerations()
  let serving:
    | (Pick<GenerationParts, 'health' | 'hottest' | 'explain' | 'unfitDocuments' | 'prepareLimits'> & {
        readonly supergraph: Supergraph
      })
    | undefined
  const source = createSupergraphSource(options, { logger, clock })
  const bff = await createBffEngine(await findEndpoints(options, parts), generations.current)
  const build = async (
    supergraph: Supergraph,
    limits: GatewayOptions['limits'],
    parts: SharedParts,
  ): Promise<GenerationParts & CountedGeneration> => {
    const built = await buildGeneration(supergraph, { ...options, limits }, parts)
    const counted = countWork(built, logger)
    const faults = bff.prepare(counted.generation)
    if (faults.length === 0) {
      await built.warm(bff.operationsOf(counted.generation), serving?.hottest() ?? [])
      return { ...built, ...counted }
    }
    await built.close()
    throw new Error(`Stored operations do not fit the supergraph. ${faults.join(' ')}`)
  }
  const replace = async (
    supergraph: Supergraph,
    limits: GatewayOptions['limits'],
    loaded: LoadedRules | undefined,
  ): Promise<void> => {
    const built = await build(supergraph, limits, { ...shared, rules: loaded })
    serving = { ...built, supergraph }
    generations.replace(built)
    logger.info({ generation: supergraph.id.slice(0, 12) }, 'a generation serves')
    reportUnfit(built, logger)
  }
  // One after another: changes of the graph, of the rules and of the limits build on each other.
  const inTurn = createTurns()
  const liveLimits = createLiveLimits(options, { shared, serving: () => serving })
  const serve = (supergraph: Supergraph): Promise<void> =>
    inTurn(() =>
      rules.serveGraph((loaded) => liveLimits.serveGraph((limits) => replace(supergraph, limits, loaded))),
    )
  const serveWith = (loaded: LoadedRules): Promise<void> =>
    inTurn(async () => {
      if (serving !== undefined) await replace(serving.supergraph, liveLimits.current(), loaded)
    })
  const configReload = createConfigReload(config, (changed) => inTurn(() => liveLimits.take(changed)))

  // Front ends.
  const health = (): readonly DependencyHealth[] => [
    ...source.health(),
    ...rules.health(),
    ...(trusted?.health() ?? []),
    ...identity.health(),
    ...(redis === undefined ? [] : [redis.health()]),
    ...usage.health(),
    ...(serving?.health() ?? []),
  ]
  const ports = { current: generations.current, health, logger, metrics, clock, production }
  const publicServer = createHttpServer(options.server, {
    ...ports,
    identify: identity.stage,
    routes: [...bff.routes, ...identity.routes(shared.requestLimits.stage)],
    resourceMetadataUrl: identity.resourceMetadataUrl,
    pickHeaders: createPickClientHeaders(options.upstream, { withheldCookie: options.identity.cookie?.name }),
    tokenCookie: options.identity.cookie,
    passedHeaders: passedNames(options.upstream),
    countsTraffic: usage.isOn,
  })
  const adminServer = createAdminServer(options.admin, {
    ...ports,
    isDraining: publicServer.isDraining,
    metricsText: metrics.text,
    routes: usage.routes,
    identify: async (arrival) => (await identity.stage.run(receive(arrival, NO_OPERATION))).principal,
    supergraphSdl: () => serving?.supergraph.sdl,
    reload: createReload({ configReload, liveLimits, rules, source, trusted, logger }),
    explain: async (asked) => {
      if (serving === undefined) throw notLoaded()
      return explainAsked(serving.explain, asked)
    },
  })

  const stop = async (): Promise<void> => {
    rules.stop()
    shared.loadShedding.stop()
    trusted?.stop()
    // They last for as long as clients like: the drain has nothing to wait for.
    shared.subscriptions.stop()
    await publicServer.close()
    await Promise.all([adminServer.close(), source.stop(), identity.stop()])
    await generations.close()
    // The last request is answered by now, and Redis still there to be told.
    await usage.stop()
    shared.limitStore.close()
    await redis?.close()
    logger.flush()
  }

  return {
    async start(overrides = {}) {
      try {
        await identity.start()
        await trusted?.load()
        await source.start(serve)
        rules.watch(serveWith)
        shared.loadShedding.start()
        trusted?.watch(() => serving && reportUnfit(serving, logger))
        usage.start()
        const at = await listenOrExplain(publicServer, publicAddress(options, overrides, production), 'PORT')
        const adminAt = options.admin.enabled
          ? await listenOrExplain(
              adminServer,
              { host: options.admin.host, port: overrides.adminPort ?? options.admin.port },
              'ADMIN_PORT',
            )
          : undefined
        const storeDescription = redis === undefined ? 'in this process (no REDIS_URL)' : 'Redis by REDIS_URL'
        return { url: at.url, adminUrl: adminAt?.url, storeDescription, stop }
      } catch (error) {
        await stop()
        throw error
      }
    },
  }
}

/** Findings that a line of the log lists. */
const MAX_FINDINGS = 20

/** Old versions of an app may ask for what a new graph no longer has: that is told, and keeps nothing from serving. */
function reportUnfit({ unfitDocuments }: Pick<GenerationParts, 'unfitDocuments'>, logger: Logger): void {
  unfitDocuments().then(
    (findings) => {
      if (findings.length === 0) return
      const facts = { count: findings.length, findings: findings.slice(0, MAX_FINDINGS) }
      logger.warn(facts, 'trusted documents do not fit the graph')
    },
    (error: unknown) => logger.error({ err: error }, 'trusted documents could not be checked'),
  )
}

/** Somebody who wants to be known, and asks for nothing of the graph. */
const NO_OPERATION = { frontEnd: 'graphql', request: { readOnly: true } } as const

async function findEndpoints(options: GatewayOptions, parts: GatewayParts): Promise<readonly Endpoint[]> {
  const declared = options.bff.directory === '' ? [] : await loadEndpoints(options.bff.directory)
  return [...declared, ...(parts.endpoints ?? [])]
}

function publicAddress(options: GatewayOptions, overrides: ListenOverrides, production: boolean) {
  const configured = overrides.host ?? options.server.host
  return {
    host: configured === 'auto' ? (production ? '0.0.0.0' : '127.0.0.1') : configured,
    port: overrides.port ?? options.server.port,
  }
}
