import type { DecideGrant } from './grant.js'
import { narrowScopes } from './scopes.js'

/** Grants a client a token for itself (RFC 6749 §4.4). */
export function createClientCredentialsGrant(defaultTenant: string): DecideGrant {
  return (client, form) => ({
    subject: client.id,
    tenant: client.tenant ?? defaultTenant,
    plan: client.plan,
    roles: client.roles,
    scopes: narrowScopes(form.get('scope'), new Set(client.scopes)),
    endsAtSeconds: Infinity,
    answer: {},
  })
}
