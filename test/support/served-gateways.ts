import type { RecordingSubgraph } from './recording-subgraph.js'
import { serveGraph, type ServedGraph } from './serve.js'

/** Gateways as processes over one small subgraph, which end with it. */
export interface ServedGateways {
  /** Starts one more, with this config, in a folder of its own. */
  readonly serve: (config: object) => Promise<ServedGraph>
  readonly close: () => Promise<void>
}

export function createServedGateways(subgraph: RecordingSubgraph, typeDefs: string): ServedGateways {
  const served: ServedGraph[] = []
  return {
    async serve(config) {
      const gateway = await serveGraph([{ name: 'own', url: subgraph.url, typeDefs }], {
        // JSON is YAML.
        files: { 'own.yaml': JSON.stringify(config) },
        arguments: ['--config', 'own.yaml'],
      })
      served.push(gateway)
      return gateway
    },
    async close() {
      await Promise.all(served.map((gateway) => gateway.close()))
      await subgraph.close()
    },
  }
}
