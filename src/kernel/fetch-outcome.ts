import type { CachePolicy } from './decisions.js'
import type { AnswerError } from './gateway-error.js'

/** What the subgraphs gave: raw data under response keys, not yet fit for clients. */
export interface FetchOutcome {
  readonly data: RawObject | null
  /** One per failed fetch or reported error; paths are the client's. */
  readonly errors: readonly AnswerError[]
  /** Positions for which these errors account, where that is more than their paths say; `@` for all of a list. */
  readonly explained?: readonly (readonly (string | number)[])[]
  /** The strictest Cache-Control among the replies; undefined when no reply said anything. */
  readonly cachePolicy: CachePolicy | undefined
}

/** Merged subgraph data. Objects have no prototype's safety of their own: read with own-key checks only. */
export interface RawObject {
  [key: string]: unknown
}
