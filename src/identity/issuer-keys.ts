import type { Clock } from '../kernel/ports/clock.js'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { KeySource } from './key-source.js'
import type { IdentityOptions } from './options.js'
import { readKeySet, type VerificationKey } from './verification-key.js'

interface Ports {
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The keys of one issuer: loaded once, read again in the background, kept for a while when their source fails.
 *
 * A token with an unknown key id causes one fetch that all callers share, and not another one within the
 * cooldown: inventing key ids must not become a way to flood the issuer (notes: security §5.2). What the background
 * fetches starts no cooldown, so that a key may be used the moment it is published.
 */
export class IssuerKeys {
  readonly #issuer: string
  readonly #source: KeySource
  readonly #limits: IdentityOptions['keys']
  readonly #ports: Ports
  #keys: readonly VerificationKey[] = []
  #loadedAtMs: number | undefined
  #askedAtMs = -Infinity
  #loading: Promise<void> | undefined
  #failing = false

  constructor(issuer: string, source: KeySource, limits: IdentityOptions['keys'], ports: Ports) {
    this.#issuer = issuer
    this.#source = source
    this.#limits = limits
    this.#ports = ports
  }

  /** Whether the key set can change and so is worth a background refresh. */
  get changes(): boolean {
    return this.#source.changes
  }

  /** Whether its source fails: a key that is not known may be the issuer's all the same. */
  get isFailing(): boolean {
    return this.#failing
  }

  /** The key that a token names; asks the source once when it is not known. */
  async find(keyId: string | undefined): Promise<VerificationKey | undefined> {
    const known = this.#current(keyId)
    if (known !== undefined) return known
    if (this.#loading !== undefined) {
      // What is on its way may have been sent before the key was published.
      await this.#loading
      const loaded = this.#current(keyId)
      if (loaded !== undefined) return loaded
    }
    await this.#refreshForUnknown()
    return this.#current(keyId)
  }

  /** Whether a key that verified a token earlier is still one of the issuer's. */
  holds(key: VerificationKey): boolean {
    return !this.#isTooOld() && this.#keys.includes(key)
  }

  /** Reads the key set again; calls at the same time share one attempt. Never rejects. */
  refresh(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  /** Required: an instance that cannot verify tokens must not be sent callers who bring them. */
  health(): DependencyHealth {
    const name = `keys of ${this.#issuer}`
    if (this.#loadedAtMs === undefined) {
      return { name, state: 'down', required: true, detail: 'The key set was never loaded.' }
    }
    if (this.#isTooOld()) return { name, state: 'down', required: true, detail: 'The key set is too old.' }
    if (!this.#failing) return { name, state: 'up', required: true }
    return {
      name,
      state: 'degraded',
      required: true,
      detail: 'The last good key set serves; its source fails.',
    }
  }

  async #refreshForUnknown(): Promise<void> {
    if (this.#loading === undefined) {
      if (this.#isCoolingDown()) return
      this.#askedAtMs = this.#ports.clock.now()
    }
    await this.refresh()
  }

  async #load(): Promise<void> {
    try {
      this.#accept(await readKeySet(await this.#source.load()))
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown'
      if (!this.#failing)
        this.#ports.logger.warn({ issuer: this.#issuer, reason }, 'key set could not be loaded')
      this.#failing = true
    }
  }

  /** Keeps the key objects that are still in the set, so that tokens verified by them stay remembered. */
  #accept(keys: readonly VerificationKey[]): void {
    const before = new Map(this.#keys.map((key) => [key.fingerprint, key]))
    this.#keys = keys.map((key) => before.get(key.fingerprint) ?? key)
    this.#loadedAtMs = this.#ports.clock.now()
    if (this.#failing) this.#ports.logger.info({ issuer: this.#issuer }, 'key set is loaded again')
    this.#failing = false
  }

  #current(keyId: string | undefined): VerificationKey | undefined {
    if (this.#isTooOld()) return undefined
    if (this.#source.anyKeyId) return this.#keys[0]
    return keyId === undefined ? undefined : this.#keys.find((key) => key.id === keyId)
  }

  #isCoolingDown(): boolean {
    return this.#ports.clock.now() - this.#askedAtMs < this.#limits.cooldownMs
  }

  #isTooOld(): boolean {
    if (this.#loadedAtMs === undefined) return true
    return this.changes && this.#ports.clock.now() - this.#loadedAtMs > this.#limits.maxStaleSeconds * 1000
  }
}
