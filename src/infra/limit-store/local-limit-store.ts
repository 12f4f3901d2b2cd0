import type { Clock } from '../../kernel/ports/clock.js'
import type { Budget, Claim, LimitStore, Standing, Verdict } from '../../kernel/ports/limit-store.js'
import { BoundedCounts } from './bounded-counts.js'
import { toLimitKey } from './limit-key.js'
import { SlidingWindow } from './sliding-window.js'
import { TokenBucket } from './token-bucket.js'

type Count = SlidingWindow | TokenBucket

/** Claims with their counts, looked at and not yet changed. */
interface Looked {
  readonly budget: Budget
  readonly count: Count
  readonly atMs: number
  readonly waitMs: number
}

export interface LocalLimitStore extends LimitStore {
  readonly take: (partition: string, claims: readonly Claim[]) => Verdict
  /** How many counts are kept. */
  readonly size: () => number
}

/**
 * Counts in this process: the only store without Redis, and the stand-in for it.
 *
 * As a stand-in it has its part of every limit, since the other instances count for themselves too; `instances` says
 * how many there are.
 */
export function createLocalLimitStore(
  maxBytes: number,
  clock: Clock,
  instances: () => number = () => 1,
): LocalLimitStore {
  const counts = new BoundedCounts<Count>(maxBytes)

  const countOf = (key: string, { algorithm }: Budget): Count => {
    let count = counts.get(key)
    if (count === undefined) {
      count = algorithm === 'slidingWindow' ? new SlidingWindow() : new TokenBucket()
      counts.set(key, count)
    }
    return count
  }
  const look = (partition: string, claim: Claim, share: number): Looked => {
    const budget = share === 1 ? claim.budget : shareOf(claim.budget, share)
    const count = countOf(toLimitKey(partition, claim), budget)
    if (count instanceof TokenBucket) {
      const atMs = count.settle(clock.now(), budget)
      return { budget, count, atMs, waitMs: count.waitMs(claim.points, budget) }
    }
    const atMs = count.settle(clock.now(), budget.windowMs)
    return { budget, count, atMs, waitMs: count.waitMs(claim.points, budget.limit, atMs, budget.windowMs) }
  }

  return {
    take: (partition, claims) => {
      const share = instances()
      const looked = claims.map((claim) => look(partition, claim, share))
      const isAdmitted = looked.every(({ waitMs }) => waitMs === 0)
      const standings = looked.map((each, index) =>
        settle(each, isAdmitted ? (claims[index]?.points ?? 0) : 0),
      )
      const atMs = looked[0]?.atMs ?? clock.now()
      return { isAdmitted, isUnavailable: false, standings, claims, partition, atMs, countedBy: 'local' }
    },
    giveBack: ({ claims, standings, partition, atMs, countedBy }, index, points) => {
      const claim = claims[index]
      const standing = standings[index]
      if (countedBy !== 'local' || claim === undefined || standing === undefined) return
      const { budget } = claim
      const count = countOf(toLimitKey(partition, claim), budget)
      if (count instanceof TokenBucket) {
        count.settle(clock.now(), budget)
        count.giveBack(points, standing.used, atMs, budget)
      } else {
        count.giveBack(points, atMs, count.settle(clock.now(), budget.windowMs), budget.windowMs)
      }
    },
    isShared: () => false,
    size: () => counts.size,
  }
}

/** Charges a claim, with no points where it is refused, and says how it stands then. */
function settle({ budget, count, atMs, waitMs }: Looked, points: number): Standing {
  if (count instanceof TokenBucket) {
    count.add(points)
    return count.standing(budget, waitMs)
  }
  if (points > 0) count.add(points, atMs, budget.windowMs)
  return count.standing(budget.limit, atMs, budget.windowMs, waitMs)
}

/** Rounded up: all instances together admit no less than the limit, and at most one point more for each of them. */
function shareOf(budget: Budget, instances: number): Budget {
  return {
    ...budget,
    limit: Math.ceil(budget.limit / instances),
    burst: Math.ceil(budget.burst / instances),
  }
}
