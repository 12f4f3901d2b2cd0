import type { GatewayOptions } from './config/schema.js'
import { createSupergraphSource } from './federation/index.js'
import { SYSTEM_CLOCK } from './kernel/ports/clock.js'
import { SILENT_LOGGER } from './kernel/ports/logger.js'
import type { Supergraph } from './kernel/supergraph.js'

/** Rejects with what the source says, where a gateway that starts would go on trying or serve its snapshot. */
export async function readSupergraphOnce(options: GatewayOptions): Promise<Supergraph | undefined> {
  const supergraphOptions = { ...options.supergraph, watch: false }
  delete supergraphOptions.snapshotFile
  const ports = { logger: SILENT_LOGGER, clock: SYSTEM_CLOCK }
  const source = createSupergraphSource({ ...options, supergraph: supergraphOptions }, ports)
  let found: Supergraph | undefined
  try {
    await source.start((supergraph) => {
      found = supergraph
      return Promise.resolve()
    })
    if (found === undefined) await source.reload()
    return found
  } finally {
    await source.stop()
  }
}
