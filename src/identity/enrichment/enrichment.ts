import { LRUCache } from 'lru-cache'
import type { Clock } from '../../kernel/ports/clock.js'
import type { DependencyHealth } from '../../kernel/ports/health.js'
import type { Logger } from '../../kernel/ports/logger.js'
import type { Principal } from '../../kernel/principal.js'
import { identityUnavailable } from '../refusals.js'
import { addFacts, checkFacts, type CheckedFacts } from './facts.js'
import type { EnrichPrincipal } from './load-enrichment.js'
import type { EnrichmentOptions } from './options.js'

/** For how long a caller is not asked about again after the module failed, in milliseconds. */
const PAUSE_MS = 5_000

interface Ports {
  readonly clock: Clock
  readonly logger: Logger
}

/** What is known of one caller. */
interface Entry {
  /** Absent where the module has never answered. */
  readonly facts: CheckedFacts | undefined
  readonly failed: boolean
  readonly freshUntilMs: number
}

/**
 * Adds an operator's facts to principals, each once for as long as they are remembered.
 *
 * A principal is one object for all requests under one token, and what comes of it here is one object too, because
 * others keep what they derive of a principal by that object. Callers who ask at the same time share one look-up.
 */
export class Enrichment {
  readonly #options: EnrichmentOptions
  readonly #ports: Ports
  readonly #entries: LRUCache<string, Entry>
  readonly #asking = new Map<string, Promise<Entry>>()
  readonly #enriched = new WeakMap<Principal, { readonly entry: Entry; readonly principal: Principal }>()
  #enrich: EnrichPrincipal = () => Promise.reject(new Error('the module is not loaded'))
  #failing = false

  constructor(options: EnrichmentOptions, ports: Ports) {
    this.#options = options
    this.#ports = ports
    this.#entries = new LRUCache({ max: options.maxRemembered })
  }

  /** Takes the module into use. */
  use(enrich: EnrichPrincipal): void {
    this.#enrich = enrich
  }

  /** The principal with what is known of him; without waiting while that is fresh. */
  of(principal: Principal): Principal | Promise<Principal> {
    const now = this.#ports.clock.now()
    const before = this.#enriched.get(principal)
    if (before !== undefined && now < before.entry.freshUntilMs) return before.principal
    const key = keyOf(principal)
    const entry = this.#entries.get(key)
    if (entry !== undefined && now < entry.freshUntilMs) return this.#apply(principal, entry)
    return this.#askOnce(principal, key, entry).then((made) => this.#apply(principal, made))
  }

  /** Not required: callers are let in without it, or refused one by one, as the options say. */
  health(): DependencyHealth {
    const health = { name: 'profile enrichment', required: false } as const
    if (!this.#failing) return { ...health, state: 'up' }
    return { ...health, state: 'degraded', detail: 'The module fails; see the log.' }
  }

  #apply(principal: Principal, entry: Entry): Principal {
    if (entry.failed && this.#options.onFailure === 'refuse') throw identityUnavailable(PAUSE_MS / 1_000)
    const before = this.#enriched.get(principal)
    if (before !== undefined && before.entry.facts === entry.facts) {
      this.#enriched.set(principal, { entry, principal: before.principal })
      return before.principal
    }
    const { facts } = entry
    const made = facts === undefined ? principal : addFacts(principal, facts, this.#options.mayWiden)
    this.#enriched.set(principal, { entry, principal: made })
    return made
  }

  #askOnce(principal: Principal, key: string, before: Entry | undefined): Promise<Entry> {
    let asking = this.#asking.get(key)
    if (asking === undefined) {
      asking = this.#ask(principal, before).then((entry) => {
        this.#entries.set(key, entry)
        this.#asking.delete(key)
        return entry
      })
      this.#asking.set(key, asking)
    }
    return asking
  }

  async #ask(principal: Principal, before: Entry | undefined): Promise<Entry> {
    try {
      const facts = checkFacts(await this.#callInTime(principal))
      this.#noteSuccess()
      const known = before?.facts
      const freshUntilMs = this.#ports.clock.now() + this.#options.cacheSeconds * 1_000
      // Equal facts stay one object, and so does the principal that was made of them.
      return { facts: known?.text === facts.text ? known : facts, failed: false, freshUntilMs }
    } catch (error) {
      this.#noteFailure(error)
      return { facts: before?.facts, failed: true, freshUntilMs: this.#ports.clock.now() + PAUSE_MS }
    }
  }

  /** A module that does not heed the signal is left behind. */
  #callInTime(principal: Principal): Promise<unknown> {
    const { timeoutMs } = this.#options
    const abort = new AbortController()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const error = new Error(`the module took longer than ${timeoutMs} ms`)
        abort.abort(error)
        reject(error)
      }, timeoutMs)
      const call = async () => this.#enrich(copyOf(principal), abort.signal)
      call()
        .then(resolve, reject)
        .finally(() => clearTimeout(timer))
    })
  }

  #noteSuccess(): void {
    if (this.#failing) this.#ports.logger.info({}, 'profile enrichment works again')
    this.#failing = false
  }

  /** Said once until it works again: the log must not grow with the callers. */
  #noteFailure(error: unknown): void {
    const { onFailure } = this.#options
    if (!this.#failing) this.#ports.logger.error({ err: error, onFailure }, 'profile enrichment fails')
    this.#failing = true
  }
}

/** A module that writes into what it gets changes nobody's rights. */
function copyOf(principal: Principal): Principal {
  return { ...principal, scopes: new Set(principal.scopes), roles: [...principal.roles] }
}

/** Two tokens of one user may hold different rights, which a module may look at. */
function keyOf({ key, scopeKey, plan, roles, email }: Principal): string {
  return JSON.stringify([key, scopeKey, plan, roles, email])
}
