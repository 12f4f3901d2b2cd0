import type { CachePolicy } from '../../kernel/decisions.js'

/** The policy that keeps both promises: the shorter life, and private if either is. */
export function strictestPolicy(
  one: CachePolicy | undefined,
  other: CachePolicy | undefined,
): CachePolicy | undefined {
  if (!one || !other) return one ?? other
  return {
    maxAgeSeconds: Math.min(one.maxAgeSeconds, other.maxAgeSeconds),
    scope: one.scope === 'PRIVATE' || other.scope === 'PRIVATE' ? 'PRIVATE' : 'PUBLIC',
  }
}
