import { randomUUID } from 'node:crypto'
import type { Publication, PublishedDocuments } from '../kernel/ports/published-documents.js'
import type { RedisConnection } from './redis-connection.js'

const KEY = 'trusted-documents'
/** A manifest may be megabytes; nobody's request waits for it. */
const TIME_LIMIT_MS = 10_000

const REPLACE = `
if (redis.call('HGET', KEYS[1], 'revision') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'manifest', ARGV[3])
return 1`

/**
 * Keeps the published manifest in one hash in Redis, without an end of its life.
 *
 * A manifest may take its time. Its revision is asked for every second and at each reload, by somebody who has something
 * to go on with: it has the time of any command.
 */
export function createRedisPublishedDocuments(redis: RedisConnection): PublishedDocuments {
  const send = (name: string, args: readonly (string | number)[]): Promise<unknown> =>
    redis.sendWithin(TIME_LIMIT_MS, { name, args, replyEncoding: 'utf8' })
  return {
    revision: async () => (await redis.client.hget(KEY, 'revision')) ?? undefined,
    read: async (): Promise<Publication | undefined> => {
      const [revision, manifest] = (await send('hmget', [KEY, 'revision', 'manifest'])) as unknown[]
      if (typeof revision !== 'string' || typeof manifest !== 'string') return undefined
      return { revision, manifest }
    },
    replace: async (manifest, since) =>
      (await send('eval', [REPLACE, 1, KEY, since ?? '', randomUUID(), manifest])) === 1,
  }
}
