import { withAbsolutePaths } from './config/absolute-paths.js'
import type { LoadedConfig } from './config/load.js'
import { buildGeneration } from './generation.js'
import { createMetrics } from './infra/metrics.js'
import type { AskedExplanation, Explanation } from './kernel/explanation.js'
import { SILENT_LOGGER } from './kernel/ports/logger.js'
import { explainAsked } from './explain-request.js'
import { readSupergraphOnce } from './read-supergraph-once.js'
import { createSharedParts, loadRules } from './shared-parts.js'

/**
 * Explains an operation with what a config names, without serving or calling a subgraph.
 *
 * Raises what would refuse the request as a whole, and what keeps the config from serving.
 */
export async function explainWithConfig(config: LoadedConfig, asked: AskedExplanation): Promise<Explanation> {
  const options = withAbsolutePaths(config)
  const rules = await loadRules(options)
  const supergraph = await readSupergraphOnce(options)
  if (supergraph === undefined) throw new Error('The config has no supergraph.')
  const metrics = createMetrics({ processMetrics: false })
  const ports = { redis: undefined, rules, logger: SILENT_LOGGER, metrics, production: false }
  const shared = createSharedParts(options, ports)
  const built = await buildGeneration(supergraph, options, shared)
  try {
    await shared.identity.start()
    await shared.trusted?.load()
    return await explainAsked(built.explain, asked)
  } finally {
    await Promise.all([built.close(), shared.identity.stop()])
  }
}
