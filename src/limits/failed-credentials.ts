import type { Arrival } from '../kernel/contexts.js'
import { networkOf } from '../kernel/network-of.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { CredentialFailures } from '../kernel/ports/credential-failures.js'
import type { LimitStore, Standing } from '../kernel/ports/limit-store.js'
import { retryLater, toRetrySeconds } from '../kernel/retry-later.js'
import { announce, toRefusal } from './announce.js'
import { applyLimits, type AppliedLimits } from './applied-limits.js'
import { addressPartition } from './claims.js'
import type { RequestLimitOptions } from './options.js'

export interface FailedCredentials extends CredentialFailures {
  /** Takes another limit into force; whoever is kept out by the one before is let in again. */
  readonly use: (options: RequestLimitOptions) => void
}

interface KeptOut {
  readonly sinceMs: number
  /** How its limit stood then. */
  readonly standing: Standing
}

/** Addresses that are kept out at the moment; more than that, and those longest there are forgotten. */
const MOST_KEPT_OUT = 10_000

/**
 * Makes the limit on failed credentials, per address.
 *
 * Only failures are counted, so that nobody else pays for it. Whoever is over the limit is remembered in this
 * process until he may come again; so a flood is refused without a signature verified and without a round trip.
 */
export function createFailedCredentials(
  options: RequestLimitOptions,
  { limitStore, clock }: { readonly limitStore: LimitStore; readonly clock: Clock },
): FailedCredentials {
  let applied = toApplied(options)
  const keptOut = new Map<string, KeptOut>()

  const standingOf = (network: string): Standing | undefined => {
    const kept = keptOut.get(network)
    if (kept === undefined) return undefined
    const standing = later(kept.standing, clock.now() - kept.sinceMs)
    if (standing.waitMs > 0) return standing
    keptOut.delete(network)
    return undefined
  }
  const assertOpen = ({ client, responseHead }: Arrival): void => {
    if (keptOut.size === 0) return
    const standing = standingOf(networkOf(client.address))
    if (standing === undefined) return
    if (applied !== undefined) announce(responseHead, applied, { standings: [standing] })
    const seconds = toRetrySeconds(standing.waitMs)
    throw retryLater(
      responseHead,
      seconds,
      'REQUEST_RATE_LIMITED',
      `Too many credentials that are not valid, try again in ${seconds} seconds.`,
    )
  }
  const keepOut = (network: string, standing: Standing): void => {
    const [longestThere] = keptOut.size < MOST_KEPT_OUT ? [] : keptOut.keys()
    if (longestThere !== undefined) keptOut.delete(longestThere)
    keptOut.set(network, { sinceMs: clock.now(), standing })
  }
  const refuse = async (arrival: Arrival, failure: unknown): Promise<never> => {
    const [limit] = applied?.limits ?? []
    if (applied === undefined || limit === undefined || !isUnauthenticated(failure)) throw failure
    assertOpen(arrival)
    const { client, responseHead } = arrival
    const subject = networkOf(client.address)
    const claim = { budget: limit.budget, subject, points: 1 }
    const verdict = await limitStore.take(addressPartition(client.address), [claim])
    if (verdict.isAdmitted) throw failure
    const [standing] = verdict.standings
    if (standing) keepOut(subject, standing)
    announce(responseHead, applied, verdict)
    throw toRefusal(responseHead, verdict)
  }
  return {
    assertOpen,
    refuse,
    use: (next) => {
      applied = toApplied(next)
      keptOut.clear()
    },
  }
}

/** How it stands after some time in which nobody asked. */
function later(standing: Standing, passedMs: number): Standing {
  return { ...standing, resetMs: standing.resetMs - passedMs, waitMs: standing.waitMs - passedMs }
}

function toApplied({ enabled, failedCredentials }: RequestLimitOptions): AppliedLimits | undefined {
  if (!enabled || !failedCredentials.enabled) return undefined
  const { limit, windowSeconds, onStoreFailure } = failedCredentials
  const limits = [
    { per: 'address', limit, windowSeconds, onStoreFailure, algorithm: 'slidingWindow' } as const,
  ]
  return applyLimits([{ name: 'failed-credentials', limits }]).anonymous.get('anonymous')
}

function isUnauthenticated(failure: unknown): boolean {
  return failure instanceof GatewayError && failure.code === 'UNAUTHENTICATED'
}
