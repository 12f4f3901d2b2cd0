import type { ClientView } from '../../support/graphql-client.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { startRecordingSubgraph, type RecordingSubgraph } from '../../support/recording-subgraph.js'
import type { ServedGraph } from '../../support/serve.js'
import { createServedGateways } from '../../support/served-gateways.js'
import { sha256 } from '../../support/sha256.js'
import { makeFolder, runGatehouse, type CommandResult } from '../cli/run-gatehouse.js'

const TYPES = 'type Query { me: User } type User { id: ID name: String }'

/** Gateways as processes over one small subgraph, and the command line with the config that they have. */
export interface DocumentGateways {
  readonly subgraph: RecordingSubgraph
  /** Where the command line runs; paths of the config should be absolute. */
  readonly folder: string
  readonly serve: (changes?: object) => Promise<ServedGraph>
  readonly run: (...args: string[]) => Promise<CommandResult>
  readonly close: () => Promise<void>
}

export async function startDocumentGateways(
  config: object,
  files: Readonly<Record<string, string>> = {},
): Promise<DocumentGateways> {
  const subgraph = await startRecordingSubgraph({ me: { id: 'u-1', name: 'Ada' } })
  const served = createServedGateways(subgraph, TYPES)
  const common = { limits: { requests: { enabled: false } }, ...config }
  const folder = makeFolder({
    // JSON is YAML.
    'gateway.yaml': JSON.stringify({ ...common, supergraph: { file: 'own.graphql' } }),
    'own.graphql': makeSupergraph([{ name: 'own', url: subgraph.url, typeDefs: TYPES }]).sdl,
    ...files,
  })
  return {
    subgraph,
    folder,
    run: (...args) => runGatehouse(['documents', ...args], { cwd: folder }),
    serve: (changes = {}) => served.serve({ ...common, ...changes }),
    close: served.close,
  }
}

/** Sends these parameters; status, and data or the code of the first error. */
export async function askFor(gateway: ServedGraph, body: object): Promise<readonly [number, unknown]> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify(body),
  })
  const { data, errors } = (await response.json()) as Partial<Pick<ClientView, 'data' | 'errors'>>
  return [response.status, errors?.[0]?.extensions.code ?? data]
}

export function byHash(query: string): { readonly extensions: object } {
  return { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } } }
}
