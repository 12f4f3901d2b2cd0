import { statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { DependencyHealth } from '../../kernel/ports/health.js'
import type { Logger } from '../../kernel/ports/logger.js'
import type { PublishedDocuments } from '../../kernel/ports/published-documents.js'
import { createTurns } from '../../kernel/turns.js'
import { fingerprint, watchFiles } from '../../kernel/watch-files.js'
import type { TrustedOptions } from './options.js'
import { createPublishedFeed, type PublishedFeed, type StoreState } from './published-feed.js'
import { graphqlFilesOf } from './read-folder.js'
import { readManifests, type ManifestPath } from './read-manifests.js'
import type { PublishedManifest } from './read-published.js'
import { TrustedSet } from './trusted-set.js'

/** Between two looks at files, for file systems that report no change. */
const LOOK_SECONDS = 2
/** Between two questions for a new publication. */
const POLL_MS = 1_000
/** A store that does not answer by then is gone on without. */
const STORE_LIMIT_MS = 2_000
const RETRY_MS = 50

export interface TrustedSourcePorts {
  readonly logger: Logger
  /** Absent where documents are not published through a store. */
  readonly published: PublishedDocuments | undefined
}

/** The trusted documents, as they are now. */
export interface TrustedSource {
  /** Those that serve; always the same object until others do. */
  readonly current: () => TrustedSet
  /** Reads everything for the first time; raises TrustedDocumentsError where it is faulty. */
  readonly load: () => Promise<void>
  /** Begins to look for changes; `onChange` is called after others serve. */
  readonly watch: (onChange: () => void) => void
  /** Reads everything again now; rejects when that is refused, and those before it stay. */
  readonly reload: () => Promise<void>
  readonly health: () => readonly DependencyHealth[]
  readonly stop: () => void
}

const NOTHING = new TrustedSet([])

/** Whether there is anything to do for it. */
export function hasTrustedDocuments(options: TrustedOptions): boolean {
  const { mode, modeByPrincipal, manifests, published } = options
  const modes = [mode, ...Object.values(modeByPrincipal)]
  return (
    modes.some((each) => each !== 'off') || manifests.length > 0 || published.file !== '' || published.redis
  )
}

/** Makes the source of the documents that a config names. */
export function createTrustedSource(options: TrustedOptions, ports: TrustedSourcePorts): TrustedSource {
  const { logger, published } = ports
  const paths = manifestPaths(options)
  const inTurn = createTurns()
  const feed = published && createPublishedFeed(published, { maxBytes: options.maxBytes, logger })
  let current = NOTHING
  let isRefused = false
  /** The state of the files before they were last read. */
  let readState = ''
  const stopping = new AbortController()
  const { signal } = stopping
  const isStopped = (): boolean => signal.aborted
  let stopWatching = (): void => undefined
  let onChange = (): void => undefined

  const stateOfFiles = (): string => fingerprint(watchedPaths(paths))
  const serve = async (newest: PublishedManifest | undefined): Promise<void> => {
    readState = stateOfFiles()
    const listed = await readManifests(paths, options.maxBytes)
    current = new TrustedSet([...listed, ...(newest?.documents ?? [])])
    feed?.putIntoService(newest)
    isRefused = false
    logger.info({ documents: current.documents.length }, 'trusted documents are loaded')
    onChange()
  }
  const inTurnOrRefused = (take: () => Promise<void>): Promise<void> =>
    inTurn(() =>
      take().catch((error: unknown) => {
        isRefused = true
        throw error
      }),
    )
  const unasked = async (work: Promise<void>): Promise<void> => {
    await work.catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      logger.error({ reason }, 'changed trusted documents are refused; those before them stay')
    })
  }
  const reload = (): Promise<void> => inTurnOrRefused(async () => serve(await feed?.newest()))
  const reloadUnasked = (): Promise<void> => unasked(reload())
  const poll = async (from: PublishedFeed): Promise<void> => {
    const takeNew = async (): Promise<void> => {
      const newest = await from.newest('unread')
      if (newest !== from.inService() && !isStopped()) await serve(newest)
    }
    while (!isStopped()) {
      await pause(POLL_MS, undefined, { ref: false, signal }).catch(() => undefined)
      if (!isStopped()) await unasked(inTurnOrRefused(takeNew))
    }
  }

  return {
    current: () => current,
    load: async () => {
      if (published !== undefined) await untilAnswering(published)
      await reload()
    },
    watch: (then) => {
      onChange = then
      if (feed !== undefined) void poll(feed)
      if (!options.watch || paths.length === 0) return
      stopWatching = watchFiles(
        () => watchedPaths(paths),
        LOOK_SECONDS,
        () => void reloadUnasked(),
      )
      // A graph may have been made ready in between.
      if (stateOfFiles() !== readState) void reloadUnasked()
    },
    reload,
    health: () => [toHealth(isRefused, feed?.state() ?? 'up')],
    stop: () => {
      stopping.abort()
      stopWatching()
    },
  }
}

/** The files and folders that a config names. */
export function manifestPaths({ manifests, published }: TrustedOptions): readonly ManifestPath[] {
  const named = manifests.map((manifest) =>
    typeof manifest === 'string'
      ? { path: manifest, clientName: undefined, isOptional: false }
      : { path: manifest.path, clientName: manifest.clientName, isOptional: false },
  )
  const { file } = published
  return file === '' ? named : [...named, { path: file, clientName: undefined, isOptional: true }]
}

function watchedPaths(paths: readonly ManifestPath[]): readonly string[] {
  return paths.flatMap(({ path }) => {
    try {
      return statSync(path).isDirectory() ? [...graphqlFilesOf(path), path] : [path]
    } catch {
      return [path]
    }
  })
}

/** A connection that is being made gets a moment; serving without the store's documents is the lesser choice. */
async function untilAnswering(store: PublishedDocuments): Promise<void> {
  const until = performance.now() + STORE_LIMIT_MS
  while (performance.now() < until) {
    const isThere = await store.revision().then(
      () => true,
      () => false,
    )
    if (isThere) return
    await pause(RETRY_MS)
  }
}

function toHealth(isRefused: boolean, storeState: StoreState): DependencyHealth {
  const base = { name: 'trusted documents', required: false }
  if (isRefused) {
    const detail = 'The newest documents were refused; those before them serve.'
    return { ...base, state: 'degraded', detail }
  }
  if (storeState === 'up') return { ...base, state: 'up' }
  const detail =
    storeState === 'down'
      ? 'The store of published documents is away; those known before serve.'
      : 'The store of published documents was emptied; those known before serve.'
  return { ...base, state: 'degraded', detail }
}
