import type { IntrospectAndCompose, SupergraphManager } from '@apollo/gateway'
import { callSubgraph, type SubgraphCallOptions } from '../composition/subgraph-call.js'

export type { SupergraphManager } from '@apollo/gateway'

interface ApolloGatewayModule {
  readonly IntrospectAndCompose: typeof IntrospectAndCompose
}

type GetDataSource = Parameters<SupergraphManager['initialize']>[0]['getDataSource']
type DataSource = ReturnType<GetDataSource>

/**
 * Loads `@apollo/gateway` on first use, because that takes a third of a second.
 *
 * Its telemetry is on unless this variable says otherwise before it is loaded; nothing of ours may phone home.
 */
export async function loadApolloGateway(): Promise<ApolloGatewayModule> {
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true'
  const { default: gateway } = await import('@apollo/gateway')
  return gateway
}

/** Calls a subgraph for Apollo's supergraph managers, with our headers and time limit. */
export function dataSourceFor(
  subgraph: { readonly name: string; readonly url?: string | undefined },
  call: SubgraphCallOptions,
): DataSource {
  return {
    process: async ({ request }) => {
      const target = { name: subgraph.name, url: subgraph.url ?? '' }
      const reply = await callSubgraph(target, request.query ?? '', call)
      if (typeof reply !== 'object' || reply === null) {
        throw new Error(`The subgraph ${subgraph.name} did not answer with a GraphQL response.`)
      }
      return reply
    },
  }
}
