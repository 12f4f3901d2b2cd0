import { Agent } from 'undici'
import type { Admitted, Identified, Received } from '../kernel/contexts.js'
import type { ApiKeyStore } from '../kernel/ports/api-key-store.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { CredentialFailures } from '../kernel/ports/credential-failures.js'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Route } from '../kernel/route.js'
import type { Stage } from '../kernel/stage.js'
import { createApiKeys } from './api-keys/create-api-keys.js'
import { Enrichment } from './enrichment/enrichment.js'
import { loadEnrichment } from './enrichment/load-enrichment.js'
import { withEnrichment } from './enrichment/with-enrichment.js'
import { createIdentifyStage } from './identify.js'
import { IssuerKeys } from './issuer-keys.js'
import { createKeySource } from './key-source.js'
import type { IdentityOptions } from './options.js'
import { createMetadataRoutes, metadataUrlOf } from './protected-resource/metadata-route.js'
import { RevocationList } from './revocations/revocation-list.js'
import { withRevocations } from './revocations/with-revocations.js'
import { createTokenEndpoint } from './token-endpoint/token-endpoint.js'
import { createTokenVerifier, trustIssuer } from './verify-token.js'

export {
  ensureDevelopmentIssuer,
  type DevelopmentClaims,
  type DevelopmentIssuer,
} from './development-issuer.js'

export type { ProfileFacts } from './enrichment/facts.js'
export { loadEnrichment, type EnrichPrincipal } from './enrichment/load-enrichment.js'
export {
  ApiKeyFault,
  createApiKeyRegister,
  type ApiKeyRegister,
  type IssuedApiKey,
  type ListedApiKey,
} from './api-keys/key-register.js'

export interface Identity {
  readonly stage: Stage<Received, Identified>
  /** Token endpoint, key set and metadata, as far as they are configured; tokens are given behind this limit. */
  readonly routes: (limitRequest: Stage<Identified, Admitted>) => readonly Route[]
  /** What challenges name as the way to a token (RFC 9728 §5.1). */
  readonly resourceMetadataUrl: string | undefined
  /**
   * Loads all key sets and keeps them fresh; a source that fails is health's matter, not an error. Rejects where a module
   * of the operator cannot be loaded, or our own signing keys can neither be read nor made.
   */
  readonly start: () => Promise<void>
  /** For `gatehouse check`: rejects with what would stop `start`, and makes nothing. */
  readonly check: () => Promise<void>
  readonly health: () => readonly DependencyHealth[]
  readonly stop: () => Promise<void>
}

export interface IdentityParts {
  readonly clock: Clock
  readonly logger: Logger
  /** Closed with the identity. Absent: API keys are refused. */
  readonly apiKeyStore?: ApiKeyStore | undefined
  /** Counts credentials that are refused. */
  readonly failures?: CredentialFailures | undefined
}

/** Makes the identify stage with the issuers that the options trust. */
export function createIdentity(options: IdentityOptions, parts: IdentityParts): Identity {
  const agent = new Agent({ connect: { timeout: options.keys.timeoutMs } })
  const { resource, tokenEndpoint } = options
  const endpoint = tokenEndpoint && createTokenEndpoint(tokenEndpoint, options, parts)
  const foreign = options.issuers.map((issuer) => {
    const source = createKeySource(issuer, options.keys, agent)
    return trustIssuer(issuer, new IssuerKeys(issuer.issuer, source, options.keys, parts), options)
  })
  const issuers = endpoint === undefined ? foreign : [...foreign, endpoint.trusted]
  const keys = issuers.map((issuer) => issuer.keys)
  const revocations = options.revocations && new RevocationList(options.revocations, parts.logger)
  const verify = withRevocations(createTokenVerifier(issuers, options, parts.clock), revocations)
  const apiKeys = createApiKeys(options.apiKeys, parts.apiKeyStore, parts)
  let timer: NodeJS.Timeout | undefined
  const enrichment = options.enrichment && new Enrichment(options.enrichment, parts)
  const identify = createIdentifyStage(options, {
    ...parts,
    verify,
    revocations,
    identifyKey: apiKeys.identify,
  })

  return {
    stage: enrichment === undefined ? identify : withEnrichment(identify, enrichment),
    routes: (limitRequest) => [
      ...(endpoint?.routes(verify, limitRequest) ?? []),
      ...createMetadataRoutes(resource, issuers),
    ],
    resourceMetadataUrl: resource.url === undefined ? undefined : metadataUrlOf(resource.url),
    start: async () => {
      await endpoint?.start()
      if (options.enrichment) enrichment?.use(await loadEnrichment(options.enrichment.module))
      await Promise.all([...keys.map((each) => each.refresh()), revocations?.start(), apiKeys.start()])
      const changing = keys.filter((each) => each.changes)
      if (changing.length === 0) return
      const refreshAll = () => changing.forEach((each) => void each.refresh())
      timer = setInterval(refreshAll, options.keys.refreshSeconds * 1000).unref()
    },
    check: async () => endpoint?.check(),
    health: () =>
      [...keys, enrichment, revocations, endpoint, apiKeys].flatMap((each) => each?.health() ?? []),
    stop: async () => {
      clearInterval(timer)
      revocations?.stop()
      await Promise.all([agent.destroy(), apiKeys.stop()])
    },
  }
}
