import type { CachePolicy } from './decisions.js'
import type { AnswerError } from './gateway-error.js'

/** What the subgraphs gave: raw data under response keys, not yet fit for clients. */
export interface FetchOutcome {
  readonly data: RawObject | null
  /** Where the fields of `data` stand; absent where every field stands in the object that has it. */
  readonly layout?: DataLayout
  /** True where no text in `data` needs escaping when it is written as JSON again. */
  readonly isEscapeFree?: boolean
  /** The text of the reply where the data is that of one reply, which held nothing else. */
  readonly soleText?: string | undefined
  /** True where several equal requests wait for this one outcome. */
  readonly isShared?: boolean
  /** One per failed fetch or reported error; paths are the client's. */
  readonly errors: readonly AnswerError[]
  /** Positions for which these errors account, where that is more than their paths say; `@` for all of a list. */
  readonly explained?: readonly (readonly (string | number)[])[]
  /** The strictest Cache-Control among the replies; undefined when no reply said anything. */
  readonly cachePolicy: CachePolicy | undefined
  /** Headers of the replies that go on to the client, merged; absent where there are none. */
  readonly passed?: ReadonlyMap<string, readonly string[]> | undefined
}

/**
 * The objects of subgraph replies, as they were parsed. Objects have no prototype's safety of their own: read with
 * own-key checks only.
 *
 * An entity that another subgraph gave is not merged into the objects that stand for it: it hangs on them, under a
 * symbol that no JSON can name.
 */
export interface RawObject {
  [key: string]: unknown
}

/** The response keys that a fetch asks for, whatever the types of the objects; undefined below a leaf. */
export type SelectionKeys = ReadonlyMap<string, SelectionKeys | undefined>

/** Says for one position of the data (a path of response keys) where each field of its objects stands. */
export interface DataLayout {
  /** The slots in which to look for a key, in this order, before the object itself. */
  readonly slotsOf: (key: string) => readonly symbol[]
  /**
   * The slot whose entity decides all of these fields: objects on which the same one hangs are equal in them.
   * Undefined where no entity does, or none but that of the slot left out.
   */
  readonly decidedBy: (keys: Iterable<string>, leftOut?: symbol) => symbol | undefined
  /** What was asked for, at the root of a plan that is one fetch and changes nothing of its reply. */
  readonly soleKeys?: SelectionKeys | undefined
  /** The position one key further down. */
  readonly below: (key: string) => DataLayout
}
