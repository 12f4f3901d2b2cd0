import { Agent } from 'undici'
import type { Identified, Received } from '../kernel/contexts.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Stage } from '../kernel/stage.js'
import { createIdentifyStage } from './identify.js'
import { IssuerKeys } from './issuer-keys.js'
import { createKeySource } from './key-source.js'
import type { IdentityOptions } from './options.js'
import { createTokenVerifier, trustIssuer } from './verify-token.js'

export {
  ensureDevelopmentIssuer,
  type DevelopmentClaims,
  type DevelopmentIssuer,
} from './development-issuer.js'

export interface Identity {
  readonly stage: Stage<Received, Identified>
  /** Loads all key sets and keeps them fresh; a source that fails is health's matter, not an error. */
  readonly start: () => Promise<void>
  readonly health: () => readonly DependencyHealth[]
  readonly stop: () => Promise<void>
}

export interface IdentityParts {
  readonly clock: Clock
  readonly logger: Logger
}

/** Makes the identify stage with the issuers that the options trust. */
export function createIdentity(options: IdentityOptions, parts: IdentityParts): Identity {
  const agent = new Agent({ connect: { timeout: options.keys.timeoutMs } })
  const issuers = options.issuers.map((issuer) => {
    const source = createKeySource(issuer, options.keys, agent)
    return trustIssuer(
      issuer,
      new IssuerKeys(issuer.issuer, source, options.keys, parts),
      options.defaultTenant,
    )
  })
  const keys = issuers.map((issuer) => issuer.keys)
  const verify = createTokenVerifier(issuers, options, parts.clock)
  let timer: NodeJS.Timeout | undefined

  return {
    stage: createIdentifyStage(options, { ...parts, verify }),
    start: async () => {
      await Promise.all(keys.map((each) => each.refresh()))
      const changing = keys.filter((each) => each.changes)
      if (changing.length === 0) return
      const refreshAll = () => changing.forEach((each) => void each.refresh())
      timer = setInterval(refreshAll, options.keys.refreshSeconds * 1000).unref()
    },
    health: () => keys.map((each) => each.health()),
    stop: async () => {
      clearInterval(timer)
      await agent.destroy()
    },
  }
}
