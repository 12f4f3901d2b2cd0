import { GatewayError } from '../kernel/gateway-error.js'

/** What a subscription ends with that has to be made anew: under another graph, policy or standing of the caller. */
export function reloaded(): GatewayError {
  return new GatewayError(
    'SUBSCRIPTION_SCHEMA_RELOAD',
    'The subscription has ended because the graph or what this caller may see has changed; subscribe again.',
  )
}
