import type { Answer } from './answer.js'
import type { Charged, Shaped } from './contexts.js'

/**
 * The remember stage, as the line sees it: asked behind the policy, told after shaping.
 *
 * It says on the response head what it did (`x-cache`, `age`, `cache-control`), on hits and misses alike.
 */
export interface ResponseCache {
  /** A remembered answer that this caller may have, or `undefined`. */
  readonly read: (context: Charged) => RememberedAnswer | undefined | Promise<RememberedAnswer | undefined>
  /** Keeps a fresh answer if its policy allows; does not make the caller wait. */
  readonly write: (context: Shaped) => void
}

export interface RememberedAnswer {
  readonly answer: Answer
  readonly status: 'HIT' | 'STALE'
}
