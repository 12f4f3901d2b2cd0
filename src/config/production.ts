import { DEVELOPMENT_SIGNING_SECRET } from '../contract/development-secret.js'
import { DEVELOPMENT_PEPPER } from '../identity/options.js'
import type { GatewayOptions } from './schema.js'

/** Raised when a config that is good enough for a demo is about to serve in production; its message is one line. */
export class UnsafeForProductionError extends Error {
  override readonly name = 'UnsafeForProductionError'
}

/** Refuses what is known to everybody: a secret that stands in this repository protects nothing. */
export function assertFitForProduction(options: GatewayOptions): void {
  if (options.upstream.signing.secret === DEVELOPMENT_SIGNING_SECRET) {
    throw new UnsafeForProductionError(
      'upstream.signing.secret is the development secret, which everybody knows: set GATEWAY_SIGNING_SECRET to one of your own.',
    )
  }
  assertKeysFitForProduction(options)
}

/** The part of it that concerns who makes API keys. */
export function assertKeysFitForProduction({ identity }: GatewayOptions): void {
  const { databaseUrl, directory, pepper } = identity.apiKeys
  if (pepper !== DEVELOPMENT_PEPPER || (databaseUrl === '' && directory === '')) return
  throw new UnsafeForProductionError(
    'identity.apiKeys.pepper is the development pepper, which everybody knows: set API_KEY_PEPPER to one of your own.',
  )
}
