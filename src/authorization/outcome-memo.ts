import { LRUCache } from 'lru-cache'
import type { OperationRecord } from '../kernel/operation.js'

/** Different outcomes remembered per operation; more than the roles of one graph that ask the same operation. */
const MOST_OUTCOMES = 64
/** Text of pruned operations that may be remembered with any operation, in characters. */
const LEAST_CHARACTERS = 4_000
/** The same for a longer operation, as a multiple of its own text. */
const TIMES_OWN_TEXT = 4

/**
 * Remembers outcomes beside the operation that they belong to.
 *
 * Each may hold a pruned copy of the operation, and a caller brings forth as many as its conditions have
 * combinations; so they are bounded by the text they hold, in proportion to what the memo of documents counts.
 */
export function createOutcomeMemo<Outcome extends object>(
  { source }: OperationRecord,
  prunedOf: (outcome: Outcome) => OperationRecord | null,
): LRUCache<string, Outcome> {
  return new LRUCache<string, Outcome>({
    max: MOST_OUTCOMES,
    maxSize: Math.max(LEAST_CHARACTERS, TIMES_OWN_TEXT * source.length),
    sizeCalculation: (outcome) => Math.max(1, prunedOf(outcome)?.source.length ?? 0),
  })
}
