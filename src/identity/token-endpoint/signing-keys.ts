import type { JWK } from 'jose'
import type { Clock } from '../../kernel/ports/clock.js'
import type { DependencyHealth } from '../../kernel/ports/health.js'
import type { Logger } from '../../kernel/ports/logger.js'
import { nextKeySignsFrom, signingKeyOf, withoutExpired, type KeySchedule } from './key-schedule.js'
import type { KeyStore } from './key-store.js'
import { makeSigningKey, readKeys, toPublicJwk, writeKeys, type SigningKey } from './signing-key.js'

/** How long what was read is used without another look, in milliseconds: far less than keys are published ahead. */
const FRESH_MS = 5_000

export interface SigningKeysParts {
  readonly store: KeyStore
  readonly schedule: KeySchedule
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The keys that sign our tokens, rotated by the clock and shared by all instances on one store.
 *
 * Whoever looks first once a key is due makes it. Should two do so at once, one of the two keys is lost; that
 * harms nobody, because nobody has used it. While the store fails, the last good keys serve.
 */
export class SigningKeys {
  readonly #parts: SigningKeysParts
  #keys: readonly SigningKey[] = []
  #text = ''
  #lookedAtMs = -Infinity
  #looking: Promise<void> | undefined
  #fault: string | undefined

  constructor(parts: SigningKeysParts) {
    this.#parts = parts
  }

  /** Reads the keys, or makes the first one; rejects when neither can be done. */
  async start(): Promise<void> {
    const { store, clock, logger } = this.#parts
    if ((await store.read()) === undefined) {
      await store.create(writeKeys([await makeSigningKey(this.#nowSeconds())]))
    }
    await this.#look()
    this.#lookedAtMs = clock.now()
    if (await store.isOpenToOthers()) logger.warn({}, 'The file of the signing keys can be read by others.')
  }

  /** Rejects as `start` would, as far as can be told without making anything. */
  async check(): Promise<void> {
    const text = await this.#parts.store.read()
    if (text === undefined) await this.#parts.store.assertWritable()
    else await readKeys(text)
  }

  /** The key to sign with now. */
  async current(): Promise<SigningKey> {
    await this.#refresh()
    const key = signingKeyOf(this.#keys, this.#nowSeconds())
    if (key === undefined) throw new Error('The signing keys were not loaded.')
    return key
  }

  /** The public halves of all keys that a valid token may name now or soon. */
  async published(): Promise<readonly JWK[]> {
    await this.#refresh()
    return withoutExpired(this.#keys, this.#nowSeconds()).map(toPublicJwk)
  }

  health(): DependencyHealth {
    const name = 'signing keys'
    return this.#fault === undefined
      ? { name, state: 'up', required: false }
      : { name, state: 'degraded', required: false, detail: 'The last good keys serve; their file fails.' }
  }

  async #refresh(): Promise<void> {
    const age = this.#parts.clock.now() - this.#lookedAtMs
    if (age >= 0 && age < FRESH_MS) return
    this.#looking ??= this.#lookAgain().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
  }

  /** Never rejects: what fails here must not fail a request that the known keys can serve. */
  async #lookAgain(): Promise<void> {
    this.#lookedAtMs = this.#parts.clock.now()
    try {
      await this.#look()
      this.#fault = undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown'
      if (this.#fault !== reason)
        this.#parts.logger.warn({ reason }, 'signing keys could not be read or rotated')
      this.#fault = reason
    }
  }

  /** A new key is used once it is read back at the next look, when it is sure to be the one that all share. */
  async #look(): Promise<void> {
    await this.#take(await this.#parts.store.read())
    const rotated = await this.#rotate()
    if (rotated !== undefined) await this.#parts.store.replace(this.#text, rotated)
  }

  async #take(text: string | undefined): Promise<void> {
    if (text === undefined) throw new Error('The signing keys are gone.')
    if (text === this.#text && this.#keys.length > 0) return
    this.#keys = await readKeys(text)
    this.#text = text
  }

  /** The text of the keys as they should be now; undefined where they are so already. */
  async #rotate(): Promise<string | undefined> {
    const now = this.#nowSeconds()
    const kept = withoutExpired(this.#keys, now)
    const signsFrom = nextKeySignsFrom(kept, this.#parts.schedule, now)
    if (signsFrom !== undefined) {
      this.#parts.logger.info({ signsFrom }, 'a new signing key is made')
      return writeKeys([...kept, await makeSigningKey(signsFrom)])
    }
    return kept.length === this.#keys.length ? undefined : writeKeys(kept)
  }

  #nowSeconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000)
  }
}
