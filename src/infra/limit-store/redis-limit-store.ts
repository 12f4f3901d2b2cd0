import type { Claim, LimitStore, Standing, Verdict } from '../../kernel/ports/limit-store.js'
import type { RedisConnection } from '../redis-connection.js'
import { toLimitKey } from './limit-key.js'
import { GIVE_BACK_SCRIPT, TAKE_SCRIPT } from './limit-scripts.js'
import type { LocalLimitStore } from './local-limit-store.js'
import { standIn } from './stand-in.js'

/** The commands that scripts become; ioredis sends their digest, and their text where Redis does not know it. */
interface LimitCommands {
  gatehouseTake: (keys: number, ...rest: readonly (string | number)[]) => Promise<unknown>
  gatehouseGiveBack: (keys: number, ...rest: readonly (string | number)[]) => Promise<unknown>
}

/** Values that the script answers before those of the claims, and for each claim. */
const HEAD_VALUES = 2
const CLAIM_VALUES = 4

/**
 * Counts in Redis, so that all instances share one count; hands over to `local` while Redis is away.
 *
 * A Redis known to be away is not asked, and one that does not answer within the connection's command timeout is stood
 * in for; any other fault of it, such as a replica that cannot write, too. So no request fails for the store's sake.
 */
export function createRedisLimitStore(redis: RedisConnection, local: LocalLimitStore): LimitStore {
  const { client } = redis
  client.defineCommand('gatehouseTake', { lua: TAKE_SCRIPT })
  client.defineCommand('gatehouseGiveBack', { lua: GIVE_BACK_SCRIPT })
  const commands = client as unknown as LimitCommands

  return {
    take: (partition, claims) => {
      if (redis.state() === 'down') return standIn(local, partition, claims)
      const keys = claims.map((claim) => toLimitKey(partition, claim))
      return commands.gatehouseTake(keys.length, ...keys, ...claims.flatMap(toArguments)).then(
        (values) => toVerdict(values as readonly (number | string)[], partition, claims),
        () => standIn(local, partition, claims),
      )
    },
    giveBack: (verdict, index, points) => {
      const claim = verdict.claims[index]
      const standing = verdict.standings[index]
      if (verdict.countedBy === 'local') local.giveBack(verdict, index, points)
      else if (claim !== undefined && standing !== undefined && redis.state() === 'up') {
        const { limit, windowMs } = claim.budget
        const key = toLimitKey(verdict.partition, claim)
        commands
          .gatehouseGiveBack(1, key, kindOf(claim), limit, windowMs, points, verdict.atMs, standing.used)
          .catch(() => undefined)
      }
    },
    isShared: () => redis.state() === 'up',
  }
}

function toArguments(claim: Claim): readonly (string | number)[] {
  const { limit, windowMs, burst } = claim.budget
  return [kindOf(claim), limit, windowMs, burst, claim.points]
}

/** A window, a bucket, or one that forgives debt. */
function kindOf({ budget }: Claim): 'w' | 'b' | 'f' {
  if (budget.algorithm === 'slidingWindow') return 'w'
  return budget.forgivesDebt === true ? 'f' : 'b'
}

function toVerdict(
  values: readonly (number | string)[],
  partition: string,
  claims: readonly Claim[],
): Verdict {
  return {
    isAdmitted: values[0] === 1,
    isUnavailable: false,
    standings: claims.map((_, index) => toStanding(values, HEAD_VALUES + index * CLAIM_VALUES)),
    claims,
    partition,
    atMs: Number(values[1]),
    countedBy: 'shared',
  }
}

function toStanding(values: readonly (number | string)[], from: number): Standing {
  return {
    remaining: Number(values[from]),
    resetMs: Number(values[from + 1]),
    waitMs: Number(values[from + 2]),
    used: Number(values[from + 3]),
  }
}
