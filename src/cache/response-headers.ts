import type { CachePolicy } from '../kernel/decisions.js'
import type { ResponseHead } from '../kernel/response-head.js'

/** An answer may differ by who asks, and a shared cache must know by which headers that shows. */
const VARY = 'Authorization, X-API-Key'

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

export function sayHit(head: ResponseHead, policy: CachePolicy, ageSeconds: number): void {
  head.set('x-cache', 'HIT')
  head.set('age', String(Math.max(0, Math.floor(ageSeconds))))
  sayPolicy(head, policy)
}

/** Caches on the way to the client subtract `Age` from `max-age` (RFC 9111 §4.2), so it is the whole life. */
export function sayPolicy(head: ResponseHead, policy: CachePolicy): void {
  const scope = policy.scope === 'PUBLIC' ? 'public' : 'private'
  head.set('cache-control', `${scope}, max-age=${Math.floor(policy.maxAgeSeconds)}`)
  head.set('vary', VARY)
}
