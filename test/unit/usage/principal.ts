import type { Principal } from '../../../src/kernel/principal.js'

/** A signed-in user of acme on the free plan. */
export function principal(facts: Partial<Principal> = {}): Principal {
  return {
    ...{ kind: 'user', key: 'user:x:acme:u-1', tenant: 'acme', plan: 'free' },
    ...{ scopes: new Set(), scopeKey: '', roles: [] },
    ...facts,
  }
}
