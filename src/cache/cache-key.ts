import { createHash } from 'node:crypto'
import type { Charged } from '../kernel/contexts.js'
import type { CachePolicy } from '../kernel/decisions.js'
import type { Json } from '../kernel/json.js'
import type { OperationRecord } from '../kernel/operation.js'
import type { Principal } from '../kernel/principal.js'

/** Raised whenever key or frame change, so that instances of two versions can share one store. */
export const CACHE_VERSION = 1

/**
 * Names the answer to one operation for one partition of callers, or `undefined` where none may be kept.
 *
 * Everything that can change the answer is part of it, joined as JSON so that no part can run into the next:
 * the supergraph, what was permitted and what was asked, the variables, the tenant, the partition, and the headers
 * of the client that subgraphs get to see.
 */
export function toCacheKey(
  {
    operation,
    variables,
    principal,
    client,
  }: Pick<Charged, 'operation' | 'variables' | 'principal' | 'client'>,
  permitted: OperationRecord,
  scope: CachePolicy['scope'],
  supergraphId: string,
): string | undefined {
  const partition = toPartition(principal, scope)
  if (partition === undefined) return undefined
  const { hash } = permitted
  const parts = [CACHE_VERSION, supergraphId, hash, operation.hash, principal.tenant, partition]
  const headers = client.forwarded === undefined ? '' : client.forwarded.key
  const text = `${JSON.stringify(parts)}${toCanonicalJson(variables)}${headers}`
  return `answer:${createHash('sha256').update(text).digest('hex')}`
}

/** PRIVATE answers belong to one caller with one set of permissions; callers without identity get none. */
function toPartition(principal: Principal, scope: CachePolicy['scope']): readonly string[] | undefined {
  if (scope === 'PUBLIC') return ['public']
  if (principal.kind === 'anonymous') return undefined
  const { key, scopeKey, plan, roles } = principal
  return ['private', key, scopeKey, plan, ...[...roles].sort()]
}

/** JSON with the keys of every object in one order. */
function toCanonicalJson(value: Json | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  if (Array.isArray(value)) return `[${value.map((item: Json) => toCanonicalJson(item)).join(',')}]`
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${toCanonicalJson(item)}`).join(',')}}`
}
