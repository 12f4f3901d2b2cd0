import { LRUCache } from 'lru-cache'
import type { Identified, Received } from '../kernel/contexts.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { CredentialFailures } from '../kernel/ports/credential-failures.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Principal } from '../kernel/principal.js'
import { andThenWith, isPromise, type Stage } from '../kernel/stage.js'
import type { IdentifyKey } from './api-keys/identify-key.js'
import { readBearerToken } from './bearer-token.js'
import { takeCookieToken } from './cookie-token.js'
import type { IdentityOptions } from './options.js'
import { credentialNeeded, twoCredentials } from './refusals.js'
import type { RevocationList } from './revocations/revocation-list.js'
import { toAnonymous } from './to-principal.js'
import { TokenMemo } from './token-memo.js'
import type { VerifyToken } from './verify-token.js'
import { withPrincipal } from './with-principal.js'

/** Addresses whose anonymous principal is kept as one object, so that what is derived from it is derived once. */
const REMEMBERED_ADDRESSES = 4_096

export interface IdentifyParts {
  readonly verify: VerifyToken
  readonly revocations: RevocationList | undefined
  readonly identifyKey: IdentifyKey
  readonly clock: Clock
  readonly logger: Logger
  /** Absent: nothing slows those who guess. */
  readonly failures?: CredentialFailures | undefined
}

/**
 * The identify stage: credentials become a principal, or the request ends with 401.
 *
 * A bad credential never falls back to anonymous. Without waiting for callers whose token or key is
 * remembered and for those without one.
 */
export function createIdentifyStage(
  options: IdentityOptions,
  parts: IdentifyParts,
): Stage<Received, Identified> {
  const memo = new TokenMemo(options.maxRememberedTokens, parts.revocations)
  const anonymous = new LRUCache<string, Principal>({ max: REMEMBERED_ADDRESSES })

  const identifyAnonymous = (address: string): Principal => {
    if (!options.anonymous.allowed) throw credentialNeeded()
    let principal = anonymous.get(address)
    if (principal === undefined) {
      principal = toAnonymous(address, options.anonymous.tenant)
      anonymous.set(address, principal)
    }
    return principal
  }

  const verifyAndRemember = async (token: string, context: Received): Promise<Identified> => {
    try {
      const verified = await parts.verify(token)
      // Others may have brought it at the same time: what is in flight is known by the one object.
      const known = memo.get(token, parts.clock.now() / 1000)
      if (known !== undefined) return { ...context, principal: known }
      memo.set(token, verified)
      return { ...context, principal: verified.principal }
    } catch (error) {
      parts.logger.debug({ requestId: context.requestId, reason: reasonOf(error) }, 'token refused')
      throw error
    }
  }

  const identifyToken = (token: string, context: Received): Identified | Promise<Identified> => {
    const principal = memo.get(token, parts.clock.now() / 1000)
    if (principal !== undefined) return { ...context, principal }
    parts.failures?.assertOpen(context)
    return verifyAndRemember(token, context)
  }

  const identifyKey = (text: string, context: Received): Identified | Promise<Identified> =>
    andThenWith(parts.identifyKey(text, context), withPrincipal, context)

  const identify = (context: Received): Identified | Promise<Identified> => {
    const { authorization, apiKey, cookie } = context.credentials
    if (authorization === undefined) {
      if (apiKey !== undefined) return identifyKey(apiKey, context)
      if (cookie !== undefined) return identifyToken(takeCookieToken(cookie, options.maxTokenBytes), context)
      if (context.credentialRequired === true) throw credentialNeeded()
      return { ...context, principal: identifyAnonymous(context.client.address) }
    }
    if (apiKey !== undefined) throw twoCredentials()
    return identifyToken(readBearerToken(authorization, options.maxTokenBytes), context)
  }
  const { failures } = parts
  return { name: 'identify', run: failures === undefined ? identify : withFailures(identify, failures) }
}

type Identify = (context: Received) => Identified | Promise<Identified>

/** Lets every refusal be counted, at no cost for what is not refused. */
function withFailures(identify: Identify, failures: CredentialFailures): Identify {
  return (context) => {
    let identified
    try {
      identified = identify(context)
    } catch (failure) {
      return failures.refuse(context, failure)
    }
    return isPromise(identified)
      ? identified.catch((failure: unknown) => failures.refuse(context, failure))
      : identified
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? cause.message : 'unknown'
}
