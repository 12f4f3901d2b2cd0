import { DEVELOPMENT_SIGNING_SECRET } from '../contract/development-secret.js'
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
