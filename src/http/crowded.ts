import { GatewayError } from '../kernel/gateway-error.js'

/** Refuses what there is no room for at the moment, in flight or open. */
export function crowded(message: string): GatewayError {
  return new GatewayError('REQUEST_CONCURRENCY_LIMITED', message, { headers: { 'retry-after': '1' } })
}
