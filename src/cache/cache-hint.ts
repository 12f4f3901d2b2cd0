import { Kind, type ConstDirectiveNode } from 'graphql'
import type { CachePolicy } from '../kernel/decisions.js'

/** What the directives on one field or type say of caching; each part may be left open. */
export interface CacheHint {
  readonly maxAgeSeconds: number | undefined
  readonly scope: CachePolicy['scope'] | undefined
  readonly inheritMaxAge: boolean
  /** It needs a permission to be seen, and no hint says that it is the same for all who have it. */
  readonly isGuarded: boolean
}

export const NO_HINT: CacheHint = {
  maxAgeSeconds: undefined,
  scope: undefined,
  inheritMaxAge: false,
  isGuarded: false,
}

/** Reads one application of `@cacheControl`; a negative age counts as zero. */
export function readHint(directive: ConstDirectiveNode): CacheHint {
  let hint = NO_HINT
  for (const { name, value } of directive.arguments ?? []) {
    if (name.value === 'maxAge' && value.kind === Kind.INT) {
      hint = { ...hint, maxAgeSeconds: Math.max(0, Number(value.value)) }
    } else if (name.value === 'scope' && value.kind === Kind.ENUM) {
      hint = { ...hint, scope: value.value === 'PUBLIC' ? 'PUBLIC' : 'PRIVATE' }
    } else if (name.value === 'inheritMaxAge' && value.kind === Kind.BOOLEAN) {
      hint = { ...hint, inheritMaxAge: value.value }
    }
  }
  return hint
}

/** The strictest reading of two hints that both may apply. */
export function restrictHint(a: CacheHint, b: CacheHint): CacheHint {
  return {
    maxAgeSeconds: least(a.maxAgeSeconds, b.maxAgeSeconds),
    scope: a.scope === 'PRIVATE' || b.scope === 'PRIVATE' ? 'PRIVATE' : (a.scope ?? b.scope),
    inheritMaxAge: a.inheritMaxAge && b.inheritMaxAge,
    isGuarded: a.isGuarded || b.isGuarded,
  }
}

/** The strictest of two policies: an answer is as cacheable as its least cacheable part. */
export function restrictPolicy(a: CachePolicy, b: CachePolicy): CachePolicy {
  return {
    maxAgeSeconds: Math.min(a.maxAgeSeconds, b.maxAgeSeconds),
    scope: a.scope === 'PRIVATE' || b.scope === 'PRIVATE' ? 'PRIVATE' : 'PUBLIC',
  }
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b
  return b === undefined ? a : Math.min(a, b)
}
