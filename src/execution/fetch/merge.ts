import { GatewayError } from '../../kernel/gateway-error.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import { isRecord } from '../../kernel/is-record.js'
import { isList, ownValue, setOwn } from '../own-property.js'
import type { TypeIndex } from './type-index.js'

/** Levels of objects and lists in what is merged; a deeper one would exhaust the stack. */
const MAX_REPLY_DEPTH = 500

/** Adds what a subgraph said about an object to every object that stands for it. */
export type Merge = (targets: readonly RawObject[], source: RawObject) => void

/** Takes a value over as it is, or a copy of it. */
type TakeOver = (value: unknown, depth: number) => unknown

/**
 * Makes the merge for one supergraph.
 *
 * The first target adopts the objects of the reply; others get copies, because one entity may stand at several
 * positions of the answer, to which different things are added later. Null never erases what another subgraph gave.
 */
export function createMerge(types: TypeIndex): Merge {
  function mergeRecord(target: RawObject, source: RawObject, take: TakeOver, depth: number): void {
    for (const key of Object.keys(source)) {
      setOwn(target, key, combine(key, ownValue(target, key), source[key], take, depth))
    }
  }

  function combine(
    key: string,
    existing: unknown,
    incoming: unknown,
    take: TakeOver,
    depth: number,
  ): unknown {
    if (existing === undefined || existing === null) return take(incoming, depth)
    if (incoming === undefined || incoming === null) return existing
    if (isRecord(existing) && isRecord(incoming)) {
      mergeRecord(existing, incoming, take, nextDepth(depth))
      return existing
    }
    if (isList(existing) && isList(incoming)) return mergeList(existing, incoming, take, nextDepth(depth))
    // A subgraph that holds an interface as one object answers with the interface's name.
    if (key === '__typename' && typeof incoming === 'string' && !types.isObject(incoming)) return existing
    return take(incoming, depth)
  }

  function mergeList(target: unknown[], source: unknown[], take: TakeOver, depth: number): unknown[] {
    for (const [index, incoming] of source.entries()) {
      target[index] = combine('', target[index], incoming, take, depth)
    }
    return target
  }

  return (targets, source) => {
    const [first, ...others] = targets
    // The copies first: what is adopted is changed by later merges.
    for (const target of others) mergeRecord(target, source, copyJson, 0)
    if (first) mergeRecord(first, source, adopt, 0)
  }
}

function adopt(value: unknown): unknown {
  return value
}

function copyJson(value: unknown, depth: number): unknown {
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
