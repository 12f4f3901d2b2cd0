import type { CachePolicy } from '../kernel/decisions.js'
import type { ResponseHead } from '../kernel/response-head.js'

/** An answer may differ by who asks, and a shared cache must know by which headers that shows. */
const CREDENTIAL_HEADERS = ['Authorization', 'X-API-Key']

/** The value of Vary for every answer that may be kept, where `others` are request headers that matter too. */
export function toVary(others: readonly string[]): string {
  return others.includes('*') ? '*' : [...CREDENTIAL_HEADERS, ...others].join(', ')
}

/** Not cacheable: by its kind, for this caller, or because part of it is refused. */
export function sayBypass(head: ResponseHead): void {
  head.set('x-cache', 'BYPASS')
  head.set('cache-control', 'no-store')
}

/** Fetched anew; stays `no-store` unless the answer turns out whole. */
export function sayMiss(head: ResponseHead): void {
  head.set('x-cache', 'MISS')
  head.set('cache-control', 'no-store')
}

export function sayHit(head: ResponseHead, policy: CachePolicy, vary: string, ageSeconds: number): void {
  head.set('x-cache', 'HIT')
  head.set('age', String(Math.max(0, Math.floor(ageSeconds))))
  sayPolicy(head, policy, vary)
}

/** Caches on the way to the client subtract `Age` from `max-age` (RFC 9111 §4.2), so it is the whole life. */
export function sayPolicy(head: ResponseHead, policy: CachePolicy, vary: string): void {
  const scope = policy.scope === 'PUBLIC' ? 'public' : 'private'
  head.set('cache-control', `${scope}, max-age=${Math.floor(policy.maxAgeSeconds)}`)
  head.set('vary', vary)
}
