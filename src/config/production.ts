import { DEVELOPMENT_SIGNING_SECRET } from '../contract/development-secret.js'
import { DEVELOPMENT_PEPPER } from '../identity/options.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { GatewayOptions } from './schema.js'

/** Raised when a config that is good enough for a demo is about to serve in production; its message is one line. */
export class UnsafeForProductionError extends Error {
  override readonly name = 'UnsafeForProductionError'
}

/** Refuses what is known to everybody: a secret that stands in this repository protects nothing. */
export function assertFitForProduction({ upstream }: GatewayOptions): void {
  if (upstream.signing.secret !== DEVELOPMENT_SIGNING_SECRET) return
  throw new UnsafeForProductionError(
    'upstream.signing.secret is the development secret, which everybody knows: set GATEWAY_SIGNING_SECRET to one of your own.',
  )
}

/** Says whether API keys are kept under a pepper that everybody knows. */
function haveKnownPepper({ identity }: GatewayOptions): boolean {
  const { databaseUrl, directory, pepper } = identity.apiKeys
  return pepper === DEVELOPMENT_PEPPER && (databaseUrl !== '' || directory !== '')
}

/** Refuses to make API keys under a pepper that everybody knows. */
export function assertKeysFitForProduction(options: GatewayOptions): void {
  if (!haveKnownPepper(options)) return
  throw new UnsafeForProductionError(
    'identity.apiKeys.pepper is the development pepper, which everybody knows: set API_KEY_PEPPER to one of your own.',
  )
}

/**
 * What serves in production: without API keys, where their pepper is known to everybody.
 *
 * Whoever uses none need not choose a pepper; and a gateway that takes none lets nobody in.
 */
export function withoutUnsafeKeys(options: GatewayOptions, logger: Pick<Logger, 'warn'>): GatewayOptions {
  if (!haveKnownPepper(options)) return options
  logger.warn({}, 'API keys are off: identity.apiKeys.pepper is the development pepper. Set API_KEY_PEPPER.')
  const { identity } = options
  return {
    ...options,
    identity: { ...identity, apiKeys: { ...identity.apiKeys, databaseUrl: '', directory: '' } },
  }
}
