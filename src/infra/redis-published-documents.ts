import { randomUUID } from 'node:crypto'
import { Command } from 'ioredis'
import type { Publication, PublishedDocuments } from '../kernel/ports/published-documents.js'
import type { RedisConnection } from './redis-connection.js'

const KEY = 'trusted-documents'
/** A manifest may be megabytes; nobody's request waits for it. */
const TIME_LIMIT_MS = 10_000

const REPLACE = `
if (redis.call('HGET', KEYS[1], 'revision') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'manifest', ARGV[3])
return 1`

/** Keeps the published manifest in one hash in Redis, without an end of its life. */
export function createRedisPublishedDocuments(redis: RedisConnection): PublishedDocuments {
  const keyPrefix = redis.client.options.keyPrefix ?? ''
  const send = (name: string, args: (string | number)[]): Promise<unknown> => {
    // The store that caches answers is given up after milliseconds; this is another matter.
    const command = new Command(name, args, { replyEncoding: 'utf8', keyPrefix })
    command.setTimeout(TIME_LIMIT_MS)
    redis.client.sendCommand(command)
    return command.promise
  }
  return {
    revision: async () => textOrAbsent(await send('hget', [KEY, 'revision'])),
    read: async (): Promise<Publication | undefined> => {
      const [revision, manifest] = (await send('hmget', [KEY, 'revision', 'manifest'])) as unknown[]
      if (typeof revision !== 'string' || typeof manifest !== 'string') return undefined
      return { revision, manifest }
    },
    replace: async (manifest, since) =>
      (await send('eval', [REPLACE, 1, KEY, since ?? '', randomUUID(), manifest])) === 1,
  }
}

function textOrAbsent(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
