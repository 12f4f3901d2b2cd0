import type { Clock } from '../../kernel/ports/clock.js'
import type { Logger } from '../../kernel/ports/logger.js'
import { createIsOfClient } from '../is-of-client.js'
import { IssuerKeys } from '../issuer-keys.js'
import type { IdentityOptions } from '../options.js'
import { toIssuerKey } from '../to-principal.js'
import type { TrustedIssuer } from '../verify-token.js'
import { SUBJECT_ISSUER } from './grant.js'
import type { SigningKeys } from './signing-keys.js'

export interface OwnIssuer {
  readonly issuer: string
  readonly audience: string
  readonly keys: SigningKeys
}

/** The claims as we write them; whatever other issuers do. */
const CLAIMS = { tenant: 'tenant', scopes: ['scope'], roles: 'roles', plan: 'plan', email: 'email' }

/** Makes us one of the trusted issuers, whose key set happens to lie in this process. */
export function trustOwnTokens(
  { issuer, audience, keys }: OwnIssuer,
  options: IdentityOptions,
  ports: { readonly clock: Clock; readonly logger: Logger },
): TrustedIssuer {
  const source = {
    load: async () => Buffer.from(JSON.stringify({ keys: await keys.published() })),
    changes: true,
    anyKeyId: false,
  }
  return {
    issuer,
    issuerKey: toIssuerKey(issuer),
    subjectIssuerClaim: SUBJECT_ISSUER,
    audience,
    algorithms: new Set(['ES256']),
    clockToleranceSeconds: options.clockToleranceSeconds,
    claims: CLAIMS,
    isOfClient: createIsOfClient(),
    defaultTenant: options.defaultTenant,
    keys: new IssuerKeys(issuer, source, options.keys, ports),
  }
}
