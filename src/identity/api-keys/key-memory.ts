import { LRUCache } from 'lru-cache'
import type { ApiKeyStore } from '../../kernel/ports/api-key-store.js'
import type { Clock } from '../../kernel/ports/clock.js'
import { keysUnavailable } from '../refusals.js'
import type { ApiKeysOptions } from './options.js'
import { toReadyKey, type ReadyKey } from './ready-key.js'

/** How long it is remembered that there is no such key. */
const ABSENT_MS = 30_000

export interface KeyMemoryParts {
  readonly store: Pick<ApiKeyStore, 'find'>
  readonly clock: Clock
  /** False while the store is known to fail. */
  readonly isAnswering: () => boolean
  readonly onFailure: (reason: unknown) => void
}

interface KnownKey {
  readonly ready: ReadyKey
  readonly readAtMs: number
}

/** A question to the store; one that was overtaken by a change may still be answered, but not remembered. */
interface Inquiry {
  readonly answer: Promise<ReadyKey | undefined>
  overtaken: boolean
}

/**
 * Remembers keys for a time, and apart from them, more briefly, ids that have no valid key.
 *
 * Both are bounded by number, so that nobody can make the one grow or push out the other. While the store fails,
 * what was read serves on for the stale time; what is not known is refused with IDENTITY_UNAVAILABLE, never taken
 * for anonymous or for wrong.
 */
export class KeyMemory {
  readonly #parts: KeyMemoryParts
  readonly #freshMs: number
  readonly #usableMs: number
  readonly #known: LRUCache<string, KnownKey>
  readonly #absentUntilMs: LRUCache<string, number>
  readonly #inquiries = new Map<string, Inquiry>()

  constructor(options: ApiKeysOptions, parts: KeyMemoryParts) {
    this.#parts = parts
    this.#freshMs = options.cacheSeconds * 1000
    this.#usableMs = this.#freshMs + options.maxStaleSeconds * 1000
    this.#known = new LRUCache({ max: options.maxRemembered })
    this.#absentUntilMs = new LRUCache({ max: options.maxRemembered })
  }

  /** What is known without asking: a key, `absent`, or undefined where the store has to be asked. */
  recall(id: string): ReadyKey | 'absent' | undefined {
    const known = this.#usable(id, this.#freshMs)
    if (known !== undefined) return known
    return this.#parts.clock.now() < (this.#absentUntilMs.get(id) ?? 0) ? 'absent' : undefined
  }

  /** Whether a valid key with this id was read before, however long ago, and not changed since. */
  isKnown(id: string): boolean {
    return this.#known.has(id)
  }

  /** Asks the store; all who ask for one key at the same time share the answer. */
  ask(id: string): Promise<ReadyKey | undefined> {
    const running = this.#inquiries.get(id)
    if (running !== undefined) return running.answer
    const inquiry: Inquiry = { answer: this.#read(id, () => inquiry.overtaken), overtaken: false }
    this.#inquiries.set(id, inquiry)
    const forget = () => {
      if (this.#inquiries.get(id) === inquiry) this.#inquiries.delete(id)
    }
    inquiry.answer.then(forget, forget)
    return inquiry.answer
  }

  /** Drops keys that have changed, also those that are just being read: the answer may be from before. */
  forget(changed: readonly string[] | 'all'): void {
    for (const id of changed === 'all' ? this.#everyId() : changed) {
      this.#known.delete(id)
      this.#absentUntilMs.delete(id)
      const inquiry = this.#inquiries.get(id)
      if (inquiry !== undefined) inquiry.overtaken = true
      this.#inquiries.delete(id)
    }
  }

  #everyId(): readonly string[] {
    return [...this.#known.keys(), ...this.#absentUntilMs.keys(), ...this.#inquiries.keys()]
  }

  async #read(id: string, isOvertaken: () => boolean): Promise<ReadyKey | undefined> {
    if (!this.#parts.isAnswering()) return this.#outOfDate(id)
    const askedAtMs = this.#parts.clock.now()
    let ready: ReadyKey | undefined
    try {
      const stored = await this.#parts.store.find(id)
      ready = stored === undefined ? undefined : toReadyKey(stored)
    } catch (error) {
      this.#parts.onFailure(error)
      return this.#outOfDate(id, error)
    }
    if (!isOvertaken()) this.#remember(id, ready, askedAtMs)
    return ready
  }

  #remember(id: string, ready: ReadyKey | undefined, readAtMs: number): void {
    if (ready === undefined) {
      this.#known.delete(id)
      this.#absentUntilMs.set(id, readAtMs + ABSENT_MS)
    } else {
      this.#absentUntilMs.delete(id)
      this.#known.set(id, { ready, readAtMs })
    }
  }

  #outOfDate(id: string, cause?: unknown): ReadyKey {
    const known = this.#usable(id, this.#usableMs)
    if (known === undefined) throw keysUnavailable(cause)
    return known
  }

  #usable(id: string, forMs: number): ReadyKey | undefined {
    const known = this.#known.get(id)
    return known !== undefined && this.#parts.clock.now() - known.readAtMs < forMs ? known.ready : undefined
  }
}
