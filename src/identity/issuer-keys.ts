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
 * cooldown: inventing key ids must not become a way to flood the issuer (notes: security §5.2).
 */
export class IssuerKeys {
  readonly #issuer: string
  readonly #source: KeySource
  readonly #limits: IdentityOptions['keys']
  readonly #ports: Ports
  #keys: readonly VerificationKey[] = []
  #loadedAtMs: number | undefined
  #attemptedAtMs = -Infinity
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
    if (this.#loading === undefined && this.#isCoolingDown()) return undefined
    await this.refresh()
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

  async #load(): Promise<void> {
    this.#attemptedAtMs = this.#ports.clock.now()
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
    return this.#ports.clock.now() - this.#attemptedAtMs < this.#limits.cooldownMs
  }

  #isTooOld(): boolean {
    if (this.#loadedAtMs === undefined) return true
    return this.changes && this.#ports.clock.now() - this.#loadedAtMs > this.#limits.maxStaleSeconds * 1000
  }
}
