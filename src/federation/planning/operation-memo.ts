import { PlanVariables } from './plan-variables.js'
import { ProvenCache } from '../../kernel/proven-cache.js'

/** Rough memory of an entry beside its variables, in bytes. */
const BYTES_PER_ENTRY = 600

/** What the hot path has to know of an operation: which plan is its, and how to fill in the values. */
export interface KnownOperation {
  /** Equal for all operations that share a plan; undefined where nothing has to be fetched. */
  readonly planKey: string | undefined
  readonly variables: PlanVariables
}

export const NOTHING_TO_FETCH: KnownOperation = {
  planKey: undefined,
  variables: new PlanVariables(new Map(), new Map()),
}

/** Remembers operations by their hash. */
export type OperationMemo = ProvenCache<KnownOperation>

/**
 * Makes the memory of what the canonical form of an operation told, so that only its first request pays for writing it.
 *
 * By the operation's hash and not by its record, because pruning makes a new record for every request where rules
 * are asked.
 */
export function createOperationMemo(maxBytes: number): OperationMemo {
  return new ProvenCache({
    maxEntries: Math.ceil(maxBytes / BYTES_PER_ENTRY),
    maxBytes,
    bytesOf: ({ variables }) => BYTES_PER_ENTRY + variables.bytes,
  })
}
