import { readFile } from 'node:fs/promises'
import type { ComposableSubgraph } from './compose-subgraphs.js'
import { fetchSubgraphSdl, type SubgraphCallOptions } from './subgraph-call.js'
import type { ConfiguredSubgraph } from './supergraph-config.js'

/** Gets the SDL of a listed subgraph from where the list says it is. */
export async function readSubgraphSdl(
  subgraph: ConfiguredSubgraph,
  call: SubgraphCallOptions,
): Promise<ComposableSubgraph> {
  return { name: subgraph.name, url: subgraph.url, sdl: await readSdl(subgraph, call) }
}

function readSdl({ name, schema }: ConfiguredSubgraph, call: SubgraphCallOptions): Promise<string> | string {
  switch (schema.kind) {
    case 'sdl':
      return schema.sdl
    case 'file':
      return readFile(schema.path, 'utf8')
    case 'url':
      return fetchSubgraphSdl(
        { name, url: schema.url },
        {
          timeoutSeconds: call.timeoutSeconds,
          headersFor: (target, body) => ({ ...call.headersFor?.(target, body), ...schema.headers }),
        },
      )
  }
}
