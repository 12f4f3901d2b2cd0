import type { Clock } from '../../kernel/ports/clock.js'
import type { LimitStore } from '../../kernel/ports/limit-store.js'
import type { InfraOptions } from '../options.js'
import type { RedisConnection } from '../redis-connection.js'
import { createInstanceCount } from './instance-count.js'
import { createLocalLimitStore } from './local-limit-store.js'
import { createRedisLimitStore } from './redis-limit-store.js'

export interface OwnedLimitStore extends LimitStore {
  /** How many instances are known to share the store; 1 without one. */
  readonly instances: () => number
  /** To be called before the connection is closed, so that the others know that this instance is gone. */
  readonly close: () => void
}

/** Makes the store of counts: shared where there is Redis, in this process otherwise and meanwhile. */
export function createLimitStore(
  redis: RedisConnection | undefined,
  { memory }: Pick<InfraOptions, 'memory'>,
  clock: Clock,
): OwnedLimitStore {
  if (redis === undefined) {
    const local = createLocalLimitStore(memory.counterBytes, clock)
    return { ...local, instances: () => 1, close: () => undefined }
  }
  const instances = createInstanceCount(redis)
  const local = createLocalLimitStore(memory.counterBytes, clock, instances.get)
  return { ...createRedisLimitStore(redis, local), instances: instances.get, close: instances.close }
}
