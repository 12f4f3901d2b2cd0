import {
  fetchSubgraphSdl,
  type CallableSubgraph,
  type SubgraphCallOptions,
} from '../composition/subgraph-call.js'
import { dataSourceFor, loadApolloGateway } from './apollo-gateway.js'
import type { SdlFeed } from './sdl-feed.js'

/**
 * Running subgraphs, asked for their SDL and composed by Apollo's IntrospectAndCompose.
 *
 * We poll ourselves: its own poll forgets a changed subgraph when another one is down in the same round. So each
 * round compares what the subgraphs say, and only a change is composed, by a new IntrospectAndCompose.
 */
export function introspectFeed(
  subgraphs: readonly CallableSubgraph[],
  intervalSeconds: number,
  call: SubgraphCallOptions,
): SdlFeed {
  let last: { readonly inputs: string; readonly sdl: string } | undefined
  const fetchInputs = async (): Promise<string> =>
    JSON.stringify(await Promise.all(subgraphs.map((subgraph) => fetchSubgraphSdl(subgraph, call))))
  const read = async (): Promise<string> => {
    const inputs = await fetchInputs()
    if (last?.inputs !== inputs) last = { inputs, sdl: await introspectAndCompose(subgraphs, call) }
    return last.sdl
  }
  return {
    kind: 'introspect',
    isLocal: () => false,
    read,
    watch: (onChange) => {
      const polling = setInterval(onChange, intervalSeconds * 1000).unref()
      return () => clearInterval(polling)
    },
  }
}

async function introspectAndCompose(
  subgraphs: readonly CallableSubgraph[],
  call: SubgraphCallOptions,
): Promise<string> {
  const { IntrospectAndCompose } = await loadApolloGateway()
  const manager = new IntrospectAndCompose({ subgraphs: [...subgraphs] })
  const { supergraphSdl, cleanup } = await manager.initialize({
    update: () => undefined,
    healthCheck: () => Promise.resolve(),
    getDataSource: (subgraph) => dataSourceFor(subgraph, call),
  })
  await cleanup()
  return supergraphSdl
}
