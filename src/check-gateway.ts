import { createBffEngine, loadEndpoints, type BffEngine, type Endpoint } from './bff/index.js'
import { withAbsolutePaths } from './config/absolute-paths.js'
import type { LoadedConfig } from './config/load.js'
import type { GatewayOptions } from './config/schema.js'
import { TrustedDocumentsError } from './documents/index.js'
import { buildGeneration, type GenerationParts, type SharedParts } from './generation.js'
import { loadEnrichment } from './identity/index.js'
import { createMetrics } from './infra/metrics.js'
import { SILENT_LOGGER } from './kernel/ports/logger.js'
import { findIdleClasses, findUnlimitedCallers } from './limits/index.js'
import type { Supergraph } from './kernel/supergraph.js'
import { readSupergraphOnce } from './read-supergraph-once.js'
import { createSharedParts, loadRules } from './shared-parts.js'

/**
 * Builds everything that a config names, serves nothing, and returns every finding; empty when all is well.
 *
 * What does not depend on a broken part is still looked at, so that one run shows all there is to mend.
 */
export async function checkGateway(
  config: LoadedConfig,
  embedded: readonly Endpoint[] = [],
): Promise<readonly string[]> {
  const options = withAbsolutePaths(config)
  const findings = new Findings()
  const { allowed } = options.identity.anonymous
  findings.add(
    'limits',
    findUnlimitedCallers(options.limits.requests, (holder) => allowed || holder !== 'anonymous'),
  )
  const rules = await findings.of('rules', () => loadRules(options))
  const { enrichment } = options.identity
  if (enrichment !== undefined) await findings.of('identity', () => loadEnrichment(enrichment.module))
  const engines = await prepareEngines(options, embedded, findings)
  const metrics = createMetrics()
  const ports = { redis: undefined, rules, logger: SILENT_LOGGER, metrics, production: false }
  const shared = createSharedParts(options, ports)
  await findings.of('documents', () => shared.trusted?.load())
  const supergraph = await findings.of('supergraph', () => readSupergraphOnce(options))
  if (supergraph === undefined) {
    await shared.identity.stop()
    return findings.all
  }

  await findings.of('identity', () => shared.identity.check())
  const built = await buildAsFarAsPossible(supergraph, options, shared, findings)
  if (built === undefined) return findings.all
  findings.add('documents', await built.unfitDocuments())
  for (const engine of engines) findings.add('bff', engine.prepare(built.generation))
  // Of endpoints that are broken nobody knows what they would be called.
  if (!findings.hasOf('bff')) {
    const names = engines
      .flatMap((engine) => engine.operationsOf(built.generation))
      .map(({ name }) => name ?? '')
    const routes = engines.flatMap((engine) => engine.routes.map(({ path }) => path))
    findings.add('limits', findIdleClasses(options.limits.requests, { names, routes }))
  }
  // Nothing was called yet: whatever is down cannot be called at all.
  const unreachable = built.health().filter(({ state }) => state === 'down')
  findings.add(
    'upstream',
    unreachable.map(({ name, detail }) => `${name}: ${detail ?? 'It cannot be called.'}`),
  )
  await Promise.all([built.close(), shared.identity.stop()])
  return findings.all
}

/** Sentences, each once, with the part of the config that they belong to. */
class Findings {
  readonly #sentences = new Set<string>()
  readonly #parts = new Set<string>()

  get all(): readonly string[] {
    return [...this.#sentences]
  }

  hasOf(part: string): boolean {
    return this.#parts.has(part)
  }

  add(part: string, sentences: readonly string[]): void {
    if (sentences.length > 0) this.#parts.add(part)
    for (const sentence of sentences) this.#sentences.add(`${part}: ${sentence}`)
  }

  /** Tries to make a part; what stops it is a finding. */
  async of<T>(part: string, make: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await make()
    } catch (error) {
      this.add(part, sentencesOf(error))
      return undefined
    }
  }
}

function sentencesOf(error: unknown): readonly string[] {
  if (error instanceof TrustedDocumentsError) return error.findings
  return [error instanceof Error ? error.message : String(error)]
}

/** An engine for each endpoint, so that one unreadable operation does not hide the next. */
async function prepareEngines(
  { bff }: GatewayOptions,
  embedded: readonly Endpoint[],
  findings: Findings,
): Promise<readonly BffEngine[]> {
  const declared = bff.directory === '' ? [] : await findings.of('bff', () => loadEndpoints(bff.directory))
  const engines = await Promise.all(
    [...(declared ?? []), ...embedded].map((endpoint) =>
      findings.of('bff', () => createBffEngine([endpoint], () => undefined)),
    ),
  )
  return engines.filter((engine) => engine !== undefined)
}

/** When the shield rules do not fit, builds without them, to see whether the operations do. */
async function buildAsFarAsPossible(
  supergraph: Supergraph,
  options: GatewayOptions,
  shared: SharedParts,
  findings: Findings,
): Promise<GenerationParts | undefined> {
  const whole = await findings.of('supergraph', () => buildGeneration(supergraph, options, shared))
  if (whole !== undefined || shared.rules === undefined) return whole
  const withoutRules = { ...shared, rules: undefined }
  return findings.of('supergraph', () => buildGeneration(supergraph, options, withoutRules))
}
