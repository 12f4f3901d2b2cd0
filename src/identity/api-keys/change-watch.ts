import type { ApiKeyStore } from '../../kernel/ports/api-key-store.js'
import type { DependencyHealth } from '../../kernel/ports/health.js'
import type { Logger } from '../../kernel/ports/logger.js'

/** While the store fails it is asked again after this at the latest, so that its return is noticed soon. */
const LONGEST_PAUSE_MS = 1_000

export interface ChangeWatchParts {
  readonly store: ApiKeyStore
  readonly pollMs: number
  readonly onChange: (changed: readonly string[] | 'all') => void
  readonly logger: Logger
}

/**
 * Asks the store again and again which keys have changed, and so knows whether the store answers at all.
 *
 * Each instance asks for itself: a revoked key is refused everywhere within one interval, without anything that
 * instances would have to share.
 */
export class ChangeWatch {
  readonly #parts: ChangeWatchParts
  #mark: string | undefined
  #looking: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #failing = false
  #stopped = false

  constructor(parts: ChangeWatchParts) {
    this.#parts = parts
  }

  /** False while the store is known to fail: nobody else needs to wait to find out. */
  get isAnswering(): boolean {
    return !this.#failing
  }

  /** Looks once and goes on looking. Never rejects: a store that is away is health's matter. */
  start(): Promise<void> {
    return this.look()
  }

  /** Somebody else had no answer: looks at once, instead of letting the next ones wait as long. */
  suspect(reason: unknown): void {
    this.#note(reason)
    void this.look()
  }

  /** Asks for changes now; calls at the same time share one question. */
  look(): Promise<void> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined
      this.#plan()
    })
    return this.#looking
  }

  /** Not required: known keys go on for a while, and so do all callers with tokens. */
  health(): DependencyHealth {
    const facts = { name: 'API keys', required: false }
    if (!this.#failing) return { ...facts, state: 'up' }
    const detail = 'The store does not answer: known keys go on for a while, others are refused with 503.'
    return { ...facts, state: 'down', detail }
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #ask(): Promise<void> {
    try {
      const { mark, changed } = await this.#parts.store.changesSince(this.#mark)
      this.#mark = mark
      if (changed.length > 0) this.#parts.onChange(changed)
      if (this.#failing) this.#parts.logger.info({}, 'the store of API keys answers again')
      this.#failing = false
    } catch (error) {
      this.#note(error)
    }
  }

  #note(error: unknown): void {
    if (!this.#failing && !this.#stopped)
      this.#parts.logger.warn({ reason: reasonOf(error) }, 'the store of API keys does not answer')
    this.#failing = true
  }

  #plan(): void {
    clearTimeout(this.#timer)
    if (this.#stopped) return
    const { pollMs } = this.#parts
    const pauseMs = this.#failing ? Math.min(pollMs, LONGEST_PAUSE_MS) : pollMs
    this.#timer = setTimeout(() => void this.look(), pauseMs).unref()
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
