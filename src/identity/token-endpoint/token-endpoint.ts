import type { Admitted, Identified } from '../../kernel/contexts.js'
import type { Clock } from '../../kernel/ports/clock.js'
import type { DependencyHealth } from '../../kernel/ports/health.js'
import type { Logger } from '../../kernel/ports/logger.js'
import type { Route } from '../../kernel/route.js'
import type { Stage } from '../../kernel/stage.js'
import type { IdentityOptions } from '../options.js'
import type { TrustedIssuer, VerifyToken } from '../verify-token.js'
import { createAuthenticateClient } from './authenticate-client.js'
import { createClientCredentialsGrant } from './client-credentials.js'
import { createJwksRoute } from './jwks-route.js'
import { createFileKeyStore, createMemoryKeyStore } from './key-store.js'
import type { TokenEndpointOptions } from './options.js'
import { trustOwnTokens } from './own-issuer.js'
import { SigningKeys } from './signing-keys.js'
import { createTokenExchangeGrant } from './token-exchange.js'
import { createTokenRoute } from './token-route.js'

export interface TokenEndpointPorts {
  readonly clock: Clock
  readonly logger: Logger
}

export interface TokenEndpoint {
  /** The issuer that we are ourselves: our tokens are verified as those of any other. */
  readonly trusted: TrustedIssuer
  readonly routes: (verify: VerifyToken, limitRequest: Stage<Identified, Admitted>) => readonly Route[]
  /** Reads or makes the signing keys; rejects with a sentence for the operator. */
  readonly start: () => Promise<void>
  /** Rejects as `start` would, and makes nothing. */
  readonly check: () => Promise<void>
  readonly health: () => DependencyHealth
}

/** Makes the token endpoint with its signing keys. */
export function createTokenEndpoint(
  options: TokenEndpointOptions,
  identity: IdentityOptions,
  ports: TokenEndpointPorts,
): TokenEndpoint {
  const { keysFile, publishAheadSeconds, issuer, ttlSeconds, clients } = options
  const { defaultTenant, resource } = identity
  const audience = options.audience ?? resource.url ?? issuer
  const store = keysFile === undefined ? createMemoryKeyStore() : createFileKeyStore(keysFile)
  const keys = new SigningKeys({ store, schedule: options, ...ports })
  const explain = (cause: unknown) => {
    throw new Error(`identity.tokenEndpoint.keysFile: ${describe(keysFile, cause)}`, { cause })
  }

  return {
    trusted: trustOwnTokens({ issuer, audience, keys }, identity, ports),
    routes: (verify, limitRequest) => [
      createTokenRoute({
        limitRequest,
        authenticate: createAuthenticateClient(clients),
        grants: {
          client_credentials: createClientCredentialsGrant(defaultTenant),
          token_exchange: createTokenExchangeGrant({ verify, defaultTenant, issuer }),
        },
        target: { audience, resource: resource.url },
        defaultTenant,
        issuing: { keys, clock: ports.clock, issuer, ttlSeconds },
      }),
      createJwksRoute(keys, publishAheadSeconds),
    ],
    start: async () => {
      if (keysFile === undefined) ports.logger.warn({}, IN_MEMORY)
      await keys.start().catch(explain)
    },
    check: () => keys.check().catch(explain),
    health: () => keys.health(),
  }
}

const IN_MEMORY =
  'identity.tokenEndpoint has no keysFile: its keys are in memory, so tokens end with this process and no other instance accepts them.'

function describe(file = 'memory', cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  if (typeof code === 'string') return `${file} cannot be read or made (${code}).`
  return `${file} is not a file of signing keys. ${message} Restore it, or delete it to begin with a new key; tokens of the old ones end then.`
}
