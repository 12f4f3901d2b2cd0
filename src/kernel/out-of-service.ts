import { GatewayError } from './gateway-error.js'

/** Another instance, or this one in a moment, may serve. */
const SOON = { headers: { 'retry-after': '1' } }

/** Refuses work that this instance cannot take yet. */
export function notLoaded(): GatewayError {
  return new GatewayError('SUPERGRAPH_UNAVAILABLE', 'The graph is not loaded yet.', SOON)
}

/** Refuses work that this instance does not take or finish any more. */
export function shuttingDown(): GatewayError {
  return new GatewayError('SHUTTING_DOWN', 'This instance is stopping.', SOON)
}
