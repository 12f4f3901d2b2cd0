import type { HeadersFor, SubgraphCallOptions } from '../composition/subgraph-call.js'
import type { FederationOptions, SupergraphOptions } from '../options.js'
import type { SupergraphManager } from './apollo-gateway.js'
import { composeFeed } from './compose-feed.js'
import { fileFeed } from './file-feed.js'
import { introspectFeed } from './introspect-feed.js'
import { managerFeed } from './manager-feed.js'
import type { SdlFeed } from './sdl-feed.js'
import { createSnapshot, NO_SNAPSHOT } from './snapshot.js'
import { FeedSource, type SourcePorts, type SupergraphSource } from './supergraph-source.js'

/** Where `gatehouse compose` writes; read when the options name no source. */
const DEFAULT_FILE = 'schema/supergraph.graphql'

export interface SupergraphSourcePorts extends SourcePorts {
  /** Signs or authorises the gateway's own calls to subgraphs, where it introspects them. */
  readonly headersFor?: HeadersFor
}

/** Makes the source that the options name: a file, a list to compose, or running subgraphs. */
export function createSupergraphSource(
  options: FederationOptions,
  ports: SupergraphSourcePorts,
): SupergraphSource {
  const { supergraph } = options
  return sourceOf(createFeed(supergraph, callOptions(supergraph, ports)), supergraph, ports)
}

/** Makes a source of any object with Apollo's SupergraphManager interface; its updates are always followed. */
export function fromSupergraphManager(
  manager: SupergraphManager,
  options: FederationOptions,
  ports: SupergraphSourcePorts,
): SupergraphSource {
  const supergraph = { ...options.supergraph, watch: true }
  return sourceOf(managerFeed(manager, callOptions(supergraph, ports)), supergraph, ports)
}

function createFeed(options: SupergraphOptions, call: SubgraphCallOptions): SdlFeed {
  const { pollIntervalSeconds } = options
  if (options.introspect) return introspectFeed(options.introspect, pollIntervalSeconds, call)
  if (options.compose !== undefined) return composeFeed(options.compose, pollIntervalSeconds, call)
  return fileFeed(options.file ?? DEFAULT_FILE, pollIntervalSeconds)
}

function sourceOf(feed: SdlFeed, options: SupergraphOptions, ports: SourcePorts): SupergraphSource {
  const { watch, pollIntervalSeconds, snapshotFile } = options
  const snapshot = snapshotFile === undefined ? NO_SNAPSHOT : createSnapshot(snapshotFile)
  return new FeedSource(feed, { watch, pollIntervalSeconds, snapshot }, ports)
}

function callOptions(options: SupergraphOptions, ports: SupergraphSourcePorts): SubgraphCallOptions {
  return { timeoutSeconds: options.fetchTimeoutSeconds, headersFor: ports.headersFor }
}
