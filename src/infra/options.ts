import { z } from 'zod'

/** What is no number would be taken for the first database, which may be that of somebody else. */
function namesDatabase(url: string): boolean {
  return url === '' || /^\/?\d*$/.test(new URL(url).pathname)
}

/** How the shared store is reached. */
export const redisOptions = z.strictObject({
  url: z
    .union([z.literal(''), z.url({ protocol: /^rediss?$/ })])
    .refine(namesDatabase, 'has the number of a database for its path, such as /1, or none')
    .default('')
    .describe(
      'redis:// or rediss:// URL of the store that all instances share; empty: stores are kept in this process. A secret when it holds a password.',
    ),
  keyPrefix: z.string().max(64).default('gatehouse:').describe('Put before every key in Redis.'),
  commandTimeoutMs: z
    .int()
    .min(10)
    .max(5_000)
    .default(150)
    .describe('Longest wait for one command, in milliseconds; then this instance goes on by itself.'),
  cacheTimeoutMs: z
    .int()
    .min(5)
    .max(5_000)
    .default(50)
    .describe('Longest wait for a cached answer, in milliseconds; then the answer is made anew.'),
})

/** What one instance may keep in its own memory. */
export const memoryOptions = z.strictObject({
  cacheBytes: z
    .int()
    .min(0)
    .default(64 * 1024 * 1024)
    .describe('Size of the response cache when there is no Redis, in bytes.'),
  counterBytes: z
    .int()
    .min(64 * 1024)
    .default(16 * 1024 * 1024)
    .describe('Memory for the counts of each limit that this instance keeps by itself, in bytes.'),
})

export const logOptions = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('The least important lines that are still written.'),
})

/** The options of all adapters; each part may stand at the top of the configuration by itself. */
export const infraOptions = z.strictObject({
  redis: redisOptions.prefault({}).describe('The store shared by all instances.'),
  memory: memoryOptions.prefault({}).describe('Bounds of in-process stores.'),
  log: logOptions.prefault({}).describe('The log.'),
})

export type RedisOptions = z.output<typeof redisOptions>
export type MemoryOptions = z.output<typeof memoryOptions>
export type LogOptions = z.output<typeof logOptions>
export type InfraOptions = z.output<typeof infraOptions>
