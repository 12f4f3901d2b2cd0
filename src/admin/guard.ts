import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { createBlockList, listHolds } from '../http/client-address.js'
import type { Arrival } from '../kernel/contexts.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Principal } from '../kernel/principal.js'
import type { Route, RouteRequest } from '../kernel/route.js'
import type { AdminOptions } from './options.js'

/** RFC 6750 §3. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="admin"' }

/** Puts a route behind the admin check. */
export type GuardRoute = (route: Route) => Route

/** Says who comes with a credential; rejects or raises UNAUTHENTICATED where it is not good. */
export type IdentifyCaller = (arrival: Arrival) => Principal | Promise<Principal>

/**
 * Makes the check of operators: the admin token, a token of an issuer with the scope of operators, or an allow-listed
 * address.
 *
 * A wrong token is refused even from an allowed address. An address alone does not admit a browser: a page on
 * the operator's machine could otherwise send requests to this port, by its origin or by a rebound name.
 */
export function createGuardRoute(options: AdminOptions, identify?: IdentifyCaller): GuardRoute {
  const allowed = createBlockList(options.allowedAddresses)
  const { operatorScope } = options
  const assertOperator = async (request: RouteRequest): Promise<void> => {
    const { authorization } = request.arrival.credentials
    if (authorization !== undefined) {
      if (isToken(authorization, options.token)) return
      if (operatorScope !== '' && identify !== undefined) {
        const { scopes } = await identify(request.arrival)
        if (scopes.has(operatorScope)) return
        throw new GatewayError('FORBIDDEN', 'The token has not the scope of operators.', {
          headers: CHALLENGE,
        })
      }
      throw new GatewayError('UNAUTHENTICATED', 'The admin token is not valid.', {
        headers: CHALLENGE,
      })
    }
    if (listHolds(allowed, request.arrival.client.address) && !mayBeForged(request)) return
    throw new GatewayError('FORBIDDEN', 'This route needs the admin token or an allowed address.', {
      headers: CHALLENGE,
    })
  }
  return (route) => ({
    ...route,
    async handle(request) {
      await assertOperator(request)
      return route.handle(request)
    },
  })
}

function isToken(authorization: string, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
  if (token === '' || given === undefined) return false
  return timingSafeEqual(digest(given), digest(token))
}

/** Equal length for any input, as `timingSafeEqual` wants it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Browsers name the page's origin, or reach us under a name that somebody else's DNS gave them. */
function mayBeForged(request: RouteRequest): boolean {
  if (request.header('origin') !== undefined) return true
  const site = request.header('sec-fetch-site')
  if (site !== undefined && site !== 'none' && site !== 'same-origin') return true
  const name = (request.header('host') ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return name !== '' && name !== 'localhost' && isIP(name) === 0
}
