/** Supergraphs and plans: where they come from, how they are composed, checked and made. */
export { composeFromConfig } from './composition/compose-from-config.js'
export {
  printFinding,
  type CompositionFinding,
  type CompositionOutcome,
} from './composition/compose-subgraphs.js'
export type { HeadersFor } from './composition/subgraph-call.js'
export { createPlanning, type PlannedOperation, type Planning } from './planning/create-planning.js'
export type { SupergraphManager } from './sources/apollo-gateway.js'
export { createSupergraphSource, fromSupergraphManager } from './sources/create-supergraph-source.js'
export type { OnSupergraph, SupergraphSource } from './sources/supergraph-source.js'
export { toGatewaySdl } from './supergraph/gateway-sdl.js'
export { readSupergraph } from './supergraph/read-supergraph.js'
