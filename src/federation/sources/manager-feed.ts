import type { SubgraphCallOptions } from '../composition/subgraph-call.js'
import { callSubgraph } from '../composition/subgraph-call.js'
import { readSupergraph } from '../supergraph/read-supergraph.js'
import { dataSourceFor, type SupergraphManager } from './apollo-gateway.js'
import type { SdlFeed } from './sdl-feed.js'

/** Any object with the SupergraphManager interface of `@apollo/gateway`, in whose place we stand for it. */
export function managerFeed(manager: SupergraphManager, call: SubgraphCallOptions): SdlFeed {
  let latest: string | undefined
  let cleanup: (() => Promise<void>) | undefined
  let notify: (() => void) | undefined
  /** Must throw on a bad SDL, in the same turn: that is how a manager learns of it. */
  const update = (sdl: string): void => {
    readSupergraph(sdl)
    latest = sdl
    notify?.()
  }
  const initialize = async (): Promise<string> => {
    const started = await manager.initialize({
      update,
      healthCheck: (sdl) => checkSubgraphs(sdl, call),
      getDataSource: (subgraph) => dataSourceFor(subgraph, call),
    })
    cleanup = started.cleanup
    // An update that came during the start is the newer one.
    return (latest ??= started.supergraphSdl)
  }
  return {
    kind: 'manager',
    isLocal: () => false,
    read: async () => latest ?? (await initialize()),
    watch: (onChange) => {
      notify = onChange
      return () => {
        notify = undefined
      }
    },
    close: async () => cleanup?.(),
  }
}

/** Fails when a subgraph of this supergraph does not answer the smallest query. */
async function checkSubgraphs(sdl: string, call: SubgraphCallOptions): Promise<void> {
  const { subgraphs } = readSupergraph(sdl)
  await Promise.all(subgraphs.map((subgraph) => callSubgraph(subgraph, '{ __typename }', call)))
}
