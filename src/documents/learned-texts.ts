import { SYSTEM_CLOCK, type Clock } from '../kernel/ports/clock.js'
import type { KeyValueStore } from '../kernel/ports/key-value-store.js'
import type { Principal } from '../kernel/principal.js'
import { ProvenCache } from '../kernel/proven-cache.js'
import { andThenWith } from '../kernel/stage.js'
import type { DocumentsOptions } from './options.js'
import { createRegistrationBudget } from './registration-budget.js'
import { sha256 } from './sha256.js'

/** Rough memory of an entry beside its text, in bytes. */
const BYTES_PER_ENTRY = 300
const KEY_PREFIX = 'apq:'
const SHA256_HEX = /^[0-9a-f]{64}$/

/** Texts that clients registered, by their hash (automatic persisted queries); shared by all generations. */
export interface LearnedTexts {
  /** A promise only where the text is not known here and another instance may know it. */
  readonly find: (hash: string) => string | undefined | Promise<string | undefined>
  /** The same, of this process alone. */
  readonly findHere: (hash: string) => string | undefined
  /** Keeps a text that turned out to be a valid document, within what its caller may register. */
  readonly learn: (hash: string, source: string, caller: Principal) => void
  /** Keeps here what {@link find} brought, once it turned out to be a valid document. */
  readonly keep: (hash: string, source: string) => void
}

export interface LearnedTextsPorts {
  /** Absent where there is no store that all instances share. */
  readonly store?: KeyValueStore | undefined
  readonly clock?: Clock
}

/**
 * Keeps texts in this process and, where there is one, in the shared store.
 *
 * What comes from the store is believed only when its hash is right, and goes through the limits and validation like
 * a text of the client. A store that is away costs nothing but texts sent once more.
 */
export function createLearnedTexts(
  options: DocumentsOptions['apq'],
  { store, clock = SYSTEM_CLOCK }: LearnedTextsPorts = {},
): LearnedTexts {
  const { bytes, maxTextBytes, ttlSeconds, learnFrom, registrationsPerMinute } = options
  const shared = options.shared && options.enabled ? store : undefined
  const texts = new ProvenCache<{ readonly source: string }>({
    maxBytes: Math.max(8, bytes),
    bytesOf: ({ source }) => BYTES_PER_ENTRY + 2 * source.length,
  })
  const spend = createRegistrationBudget(registrationsPerMinute, clock)

  const findHere = (hash: string): string | undefined => texts.get(hash)?.source
  const believe = (found: Buffer | undefined, hash: string): string | undefined =>
    found === undefined || found.length > maxTextBytes || sha256(found) !== hash
      ? undefined
      : found.toString('utf8')
  const keep = (hash: string, source: string): void => {
    if (BYTES_PER_ENTRY + 2 * source.length <= bytes && texts.get(hash) === undefined)
      texts.add(hash, { source })
  }

  return {
    find: (hash) => {
      const here = findHere(hash)
      if (here !== undefined || shared === undefined || !SHA256_HEX.test(hash)) return here
      return andThenWith(shared.get(KEY_PREFIX + hash), believe, hash)
    },
    findHere,
    learn: (hash, source, caller) => {
      if (learnFrom === 'identified' && caller.kind === 'anonymous') return
      if (Buffer.byteLength(source) > maxTextBytes || !spend(caller.key)) return
      keep(hash, source)
      shared?.set(KEY_PREFIX + hash, Buffer.from(source), ttlSeconds)
    },
    keep,
  }
}
