import type { Claim, Standing, Verdict } from '../../kernel/ports/limit-store.js'
import type { LocalLimitStore } from './local-limit-store.js'

/** A client that is refused because nobody can count may try again when a lost Redis would be noticed to be back. */
const UNAVAILABLE_WAIT_MS = 1_000

/** Decides while the shared store is away, as each budget wants it: by local counts, not at all, or by refusing. */
export function standIn(local: LocalLimitStore, partition: string, claims: readonly Claim[]): Verdict {
  if (claims.every(({ budget }) => budget.onStoreFailure === 'local')) return local.take(partition, claims)
  const isUnavailable = claims.some(({ budget }) => budget.onStoreFailure === 'closed')
  const counted = isUnavailable ? [] : claims.filter(({ budget }) => budget.onStoreFailure === 'local')
  const verdict = local.take(partition, counted)
  return {
    ...verdict,
    isAdmitted: !isUnavailable && verdict.isAdmitted,
    isUnavailable,
    claims,
    standings: claims.map((claim) =>
      isUnavailable ? unavailable(claim) : verdict.standings[counted.indexOf(claim)],
    ),
  }
}

function unavailable({ budget }: Claim): Standing | undefined {
  if (budget.onStoreFailure !== 'closed') return undefined
  return { remaining: 0, resetMs: UNAVAILABLE_WAIT_MS, waitMs: UNAVAILABLE_WAIT_MS, used: 0 }
}
