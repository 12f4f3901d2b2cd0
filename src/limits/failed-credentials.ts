import type { Arrival } from '../kernel/contexts.js'
import { networkOf } from '../kernel/network-of.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { CredentialFailures } from '../kernel/ports/credential-failures.js'
import type { LimitStore } from '../kernel/ports/limit-store.js'
import { retryLater, toRetrySeconds } from '../kernel/retry-later.js'
import { announce, toRefusal } from './announce.js'
import { applyLimits, type AppliedLimits } from './applied-limits.js'
import { addressPartition } from './claims.js'
import type { RequestLimitOptions } from './options.js'

export interface FailedCredentials extends CredentialFailures {
  /** Takes another limit into force; whoever is kept out by the one before is let in again. */
  readonly use: (options: RequestLimitOptions) => void
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
  const keptOutUntilMs = new Map<string, number>()

  const waitMs = (network: string): number => {
    const untilMs = keptOutUntilMs.get(network)
    if (untilMs === undefined) return 0
    const wait = untilMs - clock.now()
    if (wait <= 0) keptOutUntilMs.delete(network)
    return Math.max(0, wait)
  }
  const assertOpen = ({ client, responseHead }: Arrival): void => {
    if (keptOutUntilMs.size === 0) return
    const wait = waitMs(networkOf(client.address))
    if (wait === 0) return
    const seconds = toRetrySeconds(wait)
    throw retryLater(
      responseHead,
      seconds,
      'REQUEST_RATE_LIMITED',
      `Too many credentials that are not valid, try again in ${seconds} seconds.`,
    )
  }
  const keepOut = (network: string, forMs: number): void => {
    const [longestThere] = keptOutUntilMs.size < MOST_KEPT_OUT ? [] : keptOutUntilMs.keys()
    if (longestThere !== undefined) keptOutUntilMs.delete(longestThere)
    keptOutUntilMs.set(network, clock.now() + forMs)
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
    keepOut(subject, verdict.standings[0]?.waitMs ?? 0)
    announce(responseHead, applied, verdict)
    throw toRefusal(responseHead, verdict)
  }
  return {
    assertOpen,
    refuse,
    use: (next) => {
      applied = toApplied(next)
      keptOutUntilMs.clear()
    },
  }
}

function toApplied({ enabled, failedCredentials }: RequestLimitOptions): AppliedLimits | undefined {
  if (!enabled || !failedCredentials.enabled) return undefined
  const { limit, windowSeconds, onStoreFailure } = failedCredentials
  const limits = [
    { per: 'address', limit, windowSeconds, onStoreFailure, algorithm: 'slidingWindow' } as const,
  ]
  return applyLimits([{ name: 'failed-credentials', limits }]).get('anonymous')
}

function isUnauthenticated(failure: unknown): boolean {
  return failure instanceof GatewayError && failure.code === 'UNAUTHENTICATED'
}
