import type { PropagatedIdentity } from '../../src/contract/identity-headers.js'
import type { Caller } from './caller.js'

/** What every resolver of a subgraph gets; `Loaders` lives for one request, so that nobody sees another's rows. */
export interface SubgraphContext<Loaders> {
  readonly identity: PropagatedIdentity
  readonly caller: Caller
  readonly requestId: string | undefined
  readonly loaders: Loaders
  /** Where this subgraph's images are found, without a slash at the end. */
  readonly assetUrl: string
}
