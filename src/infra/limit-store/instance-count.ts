import { randomUUID } from 'node:crypto'
import type { RedisConnection } from '../redis-connection.js'
import { HEARTBEAT_SCRIPT } from './limit-scripts.js'

const BEAT_MS = 5_000
/** Who was not heard of for so long is gone. */
const SILENCE_MS = 16_000
const KEY = 'instances'

export interface InstanceCount {
  /** How many instances share the store; while it is away, as many as were last known. */
  readonly get: () => number
  readonly close: () => void
}

/**
 * Lets the instances know how many they are: each leaves a sign of life in Redis and counts those of the others.
 *
 * Nobody waits for it. It matters while Redis is away, when each instance keeps its part of every limit.
 */
export function createInstanceCount(redis: RedisConnection): InstanceCount {
  const { client } = redis
  const id = randomUUID()
  let known = 1
  const beat = (): void => {
    if (redis.state() === 'down') return
    client.eval(HEARTBEAT_SCRIPT, 1, KEY, id, SILENCE_MS).then(
      (count) => {
        if (typeof count === 'number' && count > 0) known = count
      },
      () => undefined,
    )
  }
  client.on('ready', beat)
  beat()
  const timer = setInterval(beat, BEAT_MS)
  timer.unref()
  return {
    get: () => known,
    close: () => {
      clearInterval(timer)
      client.off('ready', beat)
      if (redis.state() === 'up') client.zrem(KEY, id).catch(() => undefined)
    },
  }
}
