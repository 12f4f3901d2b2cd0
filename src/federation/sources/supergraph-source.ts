import type { Clock } from '../../kernel/ports/clock.js'
import type { DependencyHealth, HealthSource } from '../../kernel/ports/health.js'
import type { Logger } from '../../kernel/ports/logger.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import { createTurns } from '../../kernel/turns.js'
import { readSupergraph, supergraphId } from '../supergraph/read-supergraph.js'
import type { SdlFeed, Stop } from './sdl-feed.js'
import type { Snapshot } from './snapshot.js'

/** Takes a supergraph into service, or throws and thereby keeps the one before. */
export type OnSupergraph = (supergraph: Supergraph) => Promise<void>

/** Brings supergraphs, one at a time; a bad one is refused and logged, and the one before stays. */
export interface SupergraphSource extends HealthSource {
  /**
   * Resolves when the first supergraph serves, or when waiting for it goes on in the background.
   * Rejects only for what an operator has to mend on this machine, such as a missing file.
   */
  readonly start: (onSupergraph: OnSupergraph) => Promise<void>
  /** Reads again now, even what was refused before; rejects when it is refused again. */
  readonly reload: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface SourcePorts {
  readonly logger: Logger
  readonly clock: Clock
}

export interface FeedSourceOptions {
  readonly watch: boolean
  readonly pollIntervalSeconds: number
  readonly snapshot: Snapshot
}

const FIRST_RETRY_SECONDS = 1

/** Why the newest SDL is not the one that serves. */
type Problem = 'unreadable' | 'refused'

/** The lifecycle that all sources share. */
export class FeedSource implements SupergraphSource {
  readonly #feed: SdlFeed
  readonly #options: FeedSourceOptions
  readonly #ports: SourcePorts
  #onSupergraph: OnSupergraph = () => Promise.resolve()
  #stopWatching: Stop = () => undefined
  #retry: NodeJS.Timeout | undefined
  #retrySeconds = FIRST_RETRY_SECONDS
  /** Supergraphs are taken into service one by one. */
  readonly #inTurn = createTurns()
  #isQueued = false
  #isStopped = false
  #current: { readonly id: string; readonly since: number } | undefined
  #refusedId: string | undefined
  #problem: Problem | undefined

  constructor(feed: SdlFeed, options: FeedSourceOptions, ports: SourcePorts) {
    this.#feed = feed
    this.#options = options
    this.#ports = ports
  }

  readonly start = async (onSupergraph: OnSupergraph): Promise<void> => {
    this.#onSupergraph = onSupergraph
    try {
      await this.#enqueue(false)
    } catch (error) {
      const isServing = await this.#serveSnapshot()
      if (!isServing && this.#feed.isLocal()) throw error
      this.#logProblem(error)
      this.#retryLater()
    }
    if (this.#options.watch) this.#stopWatching = this.#feed.watch(() => this.#refreshSoon())
  }

  readonly reload = (): Promise<void> => this.#enqueue(true)

  readonly stop = async (): Promise<void> => {
    this.#isStopped = true
    this.#stopWatching()
    clearTimeout(this.#retry)
    // Whatever is under way ends first.
    await this.#inTurn(() => Promise.resolve())
    await this.#feed.close?.()
  }

  readonly health = (): readonly DependencyHealth[] => {
    const name = 'supergraph'
    if (this.#current === undefined) {
      return [{ name, state: 'down', required: true, detail: 'No supergraph could be loaded yet.' }]
    }
    const serving = `${this.#current.id.slice(0, 12)} since ${new Date(this.#current.since).toISOString()}`
    if (this.#problem === undefined) return [{ name, state: 'up', required: true, detail: serving }]
    const detail =
      this.#problem === 'refused'
        ? `The newest supergraph was refused; serving ${serving}.`
        : `The source cannot be read; serving ${serving}.`
    return [{ name, state: 'degraded', required: true, detail }]
  }

  #enqueue(force: boolean): Promise<void> {
    return this.#inTurn(() => this.#refresh(force))
  }

  /** For hints of change: one waiting refresh stands for all of them. */
  #refreshSoon(): void {
    if (this.#isQueued || this.#isStopped) return
    this.#isQueued = true
    this.#inTurn(() => {
      this.#isQueued = false
      return this.#refresh(false)
    }).catch((error: unknown) => this.#logProblem(error))
  }

  async #refresh(force: boolean): Promise<void> {
    if (this.#isStopped) return
    const sdl = await this.#read()
    const id = supergraphId(sdl)
    if (id === this.#current?.id) this.#problem = undefined
    else if (force || id !== this.#refusedId) await this.#accept(sdl, id)
  }

  async #read(): Promise<string> {
    try {
      return await this.#feed.read()
    } catch (error) {
      this.#problem = 'unreadable'
      throw error
    }
  }

  async #accept(sdl: string, id: string): Promise<void> {
    try {
      await this.#onSupergraph(readSupergraph(sdl))
    } catch (error) {
      this.#problem = 'refused'
      this.#refusedId = id
      throw error
    }
    this.#serve(id)
    this.#problem = undefined
    this.#refusedId = undefined
    await this.#options.snapshot.write(sdl).catch((error: unknown) => {
      this.#ports.logger.warn({ err: error }, 'The snapshot of the supergraph could not be written.')
    })
  }

  #serve(id: string): void {
    this.#current = { id, since: this.#ports.clock.now() }
    this.#ports.logger.info(
      { supergraph: id, source: this.#feed.kind },
      'A supergraph was taken into service.',
    )
  }

  async #serveSnapshot(): Promise<boolean> {
    const sdl = await this.#options.snapshot.read()
    if (sdl === undefined) return false
    try {
      await this.#onSupergraph(readSupergraph(sdl))
    } catch (error) {
      this.#ports.logger.warn({ err: error }, 'The snapshot of the supergraph is of no use.')
      return false
    }
    this.#serve(supergraphId(sdl))
    return true
  }

  /** Until the source has given its first good supergraph; after that, watching is enough. */
  #retryLater(): void {
    if (this.#isStopped) return
    const seconds = Math.min(this.#retrySeconds, this.#options.pollIntervalSeconds)
    this.#retrySeconds = seconds * 2
    this.#retry = setTimeout(() => void this.#retryNow(), seconds * 1000).unref()
  }

  async #retryNow(): Promise<void> {
    await this.#enqueue(false).catch((error: unknown) => this.#logProblem(error))
    if (this.#problem !== undefined) this.#retryLater()
  }

  #logProblem(error: unknown): void {
    const serving = this.#current?.id
    const message =
      this.#problem === 'refused'
        ? 'A supergraph was refused; the one before stays.'
        : 'The source of the supergraph cannot be read.'
    this.#ports.logger.warn({ err: error, source: this.#feed.kind, serving }, message)
  }
}
