import { GatewayError } from '../../kernel/gateway-error.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import { isList, isRecord, ownValue, setOwn } from '../own-property.js'
import type { TypeIndex } from './type-index.js'

/** Levels of objects and lists in one reply; a deeper one would exhaust the stack here or in JSON.stringify. */
const MAX_REPLY_DEPTH = 500

/** Adds what a subgraph said about an object to what is known of it. */
export type Merge = (target: RawObject, source: RawObject) => void

/**
 * Makes the merge for one supergraph.
 *
 * Replies are copied, never adopted: several requests may share one reply, and one entity may stand at several
 * positions of the answer. Null never erases what another subgraph gave.
 */
export function createMerge(types: TypeIndex): Merge {
  function mergeRecord(target: RawObject, source: RawObject, depth: number): void {
    for (const key of Object.keys(source)) {
      setOwn(target, key, combine(key, ownValue(target, key), source[key], depth))
    }
  }

  function combine(key: string, existing: unknown, incoming: unknown, depth: number): unknown {
    if (existing === undefined || existing === null) return copyJson(incoming, depth)
    if (incoming === undefined || incoming === null) return existing
    if (isRecord(existing) && isRecord(incoming)) {
      mergeRecord(existing, incoming, nextDepth(depth))
      return existing
    }
    if (isList(existing) && isList(incoming)) return mergeList(existing, incoming, nextDepth(depth))
    // A subgraph that holds an interface as one object answers with the interface's name.
    if (key === '__typename' && typeof incoming === 'string' && !types.isObject(incoming)) return existing
    return copyJson(incoming, depth)
  }

  function mergeList(target: unknown[], source: unknown[], depth: number): unknown[] {
    for (const [index, incoming] of source.entries()) {
      target[index] = combine('', target[index], incoming, depth)
    }
    return target
  }

  return (target, source) => mergeRecord(target, source, 0)
}

/** Copies JSON so that the copy may be changed. */
export function copyJson(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  const inner = nextDepth(depth)
  if (isList(value)) return value.map((element) => copyJson(element, inner))
  const copy: RawObject = {}
  for (const [key, element] of Object.entries(value)) setOwn(copy, key, copyJson(element, inner))
  return copy
}

function nextDepth(depth: number): number {
  if (depth < MAX_REPLY_DEPTH) return depth + 1
  throw new GatewayError('SUBREQUEST_MALFORMED_RESPONSE', 'A subgraph answer is nested too deep.')
}
