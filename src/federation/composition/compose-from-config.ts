import { composeSubgraphs, type CompositionOutcome } from './compose-subgraphs.js'
import { readSubgraphSdl } from './read-subgraph-sdl.js'
import type { SubgraphCallOptions } from './subgraph-call.js'
import { readSupergraphConfig } from './supergraph-config.js'

const DEFAULT_CALL: SubgraphCallOptions = { timeoutSeconds: 10 }

/**
 * Composes what a `supergraph.yaml` lists, for `gatehouse compose`.
 *
 * What the subgraphs get wrong is returned; what cannot be read or fetched is thrown.
 */
export async function composeFromConfig(
  configPath: string,
  call: SubgraphCallOptions = DEFAULT_CALL,
): Promise<CompositionOutcome> {
  const configured = await readSupergraphConfig(configPath)
  return composeSubgraphs(await Promise.all(configured.map((subgraph) => readSubgraphSdl(subgraph, call))))
}
