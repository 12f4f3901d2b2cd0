import { basename } from 'node:path'
import { withAbsolutePaths } from './config/absolute-paths.js'
import type { LoadedConfig } from './config/load.js'
import type { GatewayOptions } from './config/schema.js'
import { writeWhole } from './cli/write-whole.js'
import {
  createDocuments,
  manifestPaths,
  mergePublished,
  readManifests,
  readPublished,
  toManifest,
  TrustedDocumentsError,
  TrustedSet,
  type ManifestPath,
  type PublishRules,
  type TrustedDocument,
} from './documents/index.js'
import {
  CommandFailure,
  type DocumentDesk,
  type DocumentSources,
  type Published,
} from './cli/command-context.js'
import { createRedisConnection, type RedisConnection } from './infra/redis-connection.js'
import { createRedisPublishedDocuments } from './infra/redis-published-documents.js'
import { SILENT_LOGGER } from './kernel/ports/logger.js'
import type { PublishedDocuments } from './kernel/ports/published-documents.js'
import { readSupergraphOnce } from './read-supergraph-once.js'

/** A connection that is being made gets this long. */
const CONNECT_LIMIT_MS = 3_000
/** Others may publish at the same moment; each time the newest is read again. */
const ATTEMPTS = 5

/**
 * Trusted documents of a config for the command line: reading, checking against the graph, publishing.
 *
 * No gateway has to run for it. Everything raises CommandFailure with all findings.
 */
export function openDocuments(config: LoadedConfig): DocumentDesk {
  const options = withAbsolutePaths(config)
  const { trusted } = options.documents
  const redisStore = (): RedisConnection | undefined =>
    trusted.published.redis && options.redis.url !== ''
      ? createRedisConnection(options.redis, { logger: SILENT_LOGGER })
      : undefined

  const read = async (sources: DocumentSources): Promise<readonly TrustedDocument[]> => {
    const given = toPaths(sources)
    const listed = await readManifests(given ?? manifestPaths(trusted), trusted.maxBytes)
    if (given !== undefined) return new TrustedSet(listed).documents
    return withStore(redisStore(), async (store) => {
      const published = store && (await readPublished(store, trusted.maxBytes))
      return new TrustedSet([...listed, ...(published?.documents ?? [])]).documents
    })
  }
  const readFitting = async (sources: DocumentSources): Promise<readonly TrustedDocument[]> => {
    const documents = await read(sources)
    const findings = await findUnfit(options, documents)
    if (findings.length > 0) throw new TrustedDocumentsError(findings)
    return documents
  }
  const publish = async (sources: DocumentSources, prune: boolean): Promise<readonly Published[]> => {
    const { file } = trusted.published
    const redis = redisStore()
    if (file === '' && redis === undefined) {
      throw new CommandFailure(
        'The config names no place to publish to: set documents.trusted.published.file, or published.redis with redis.url.',
      )
    }
    // Whoever publishes need not have what is part of the deployment.
    const elsewhere = manifestPaths({ ...trusted, published: { file: '', redis: false } }).map((path) => ({
      ...path,
      isOptional: true,
    }))
    return withStore(redis, async (store) => {
      const documents = await readFitting(sources)
      const rules = {
        prune,
        maxBytes: trusted.maxBytes,
        listed: await readManifests(elsewhere, trusted.maxBytes),
      }
      const toFile = file === '' ? undefined : await prepareFile(file, documents, rules)
      // The store first: it is the one that refuses when somebody else publishes at the same moment.
      const inStore = store && (await publishToStore(store, documents, rules))
      return [inStore, await toFile?.()].filter((each) => each !== undefined)
    })
  }

  return {
    list: (sources) => orFailure(read(sources)),
    check: (sources) => orFailure(readFitting(sources)),
    publish: (sources, { prune }) => orFailure(publish(sources, prune)),
  }
}

/** Findings as the command line prints them. */
async function orFailure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof TrustedDocumentsError)) throw error
    const { findings } = error
    const lines = findings.map((finding) => `✗ ${finding}`)
    throw new CommandFailure(`${lines.join('\n')}\n${String(findings.length)} finding(s).`)
  }
}
function toPaths({ paths, clientName }: DocumentSources): readonly ManifestPath[] | undefined {
  return paths.length === 0 ? undefined : paths.map((path) => ({ path, clientName, isOptional: false }))
}

async function findUnfit(
  options: GatewayOptions,
  documents: readonly TrustedDocument[],
): Promise<readonly string[]> {
  const supergraph = await readSupergraphOnce(options)
  if (supergraph === undefined) throw new Error('The config has no supergraph to check documents against.')
  const set = new TrustedSet(documents)
  const { findUnfit: find } = createDocuments(options.documents, {
    apiSchema: supergraph.apiSchema,
    logger: SILENT_LOGGER,
    production: false,
    trusted: { current: () => set },
  })
  return find()
}

/** Makes the new manifest of a file; it is written when that is asked for. */
async function prepareFile(
  file: string,
  documents: readonly TrustedDocument[],
  rules: PublishRules & { readonly maxBytes: number },
): Promise<() => Promise<Published>> {
  const { maxBytes } = rules
  const before = await readManifests([{ path: file, clientName: undefined, isOptional: true }], maxBytes)
  const change = mergePublished(before, documents, rules)
  const text = toManifest(change.documents, { file: basename(file), maxBytes })
  return async () => {
    await writeWhole(file, text)
    return { ...change, where: file }
  }
}

async function publishToStore(
  store: PublishedDocuments,
  documents: readonly TrustedDocument[],
  rules: PublishRules & { readonly maxBytes: number },
): Promise<Published> {
  const { maxBytes } = rules
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = await readPublished(store, maxBytes)
    const change = mergePublished(before?.documents ?? [], documents, rules)
    const text = toManifest(change.documents, { file: 'published', maxBytes })
    if (await store.replace(text, before?.revision)) return { ...change, where: 'Redis' }
  }
  throw new Error('Others publish at the same time; try again.')
}

/** Uses a connection once it stands, and closes it; rejects where Redis does not answer. */
async function withStore<T>(
  redis: RedisConnection | undefined,
  use: (store: PublishedDocuments | undefined) => Promise<T>,
): Promise<T> {
  if (redis === undefined) return use(undefined)
  try {
    await untilReady(redis)
    return await use(createRedisPublishedDocuments(redis))
  } finally {
    await redis.close()
  }
}

async function untilReady({ client, state }: RedisConnection): Promise<void> {
  if (state() === 'up') return
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error('Redis does not answer; nothing was published or read there.'))
    }, CONNECT_LIMIT_MS)
    client.once('ready', () => {
      clearTimeout(late)
      resolve()
    })
  })
}
