import { GatewayError } from '../kernel/gateway-error.js'
import { shuttingDown } from '../kernel/out-of-service.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { Principal } from '../kernel/principal.js'
import type {
  OpenSubscription,
  SubscriptionPlace,
  SubscriptionPlaces,
} from '../kernel/subscription-places.js'
import type { StreamingOptions } from './options.js'

/** After which a refused client may try again, in seconds: nobody knows when a subscription ends. */
const RETRY_SECONDS = 10

/** Longest time that a timer of Node.js takes, in milliseconds. */
const LONGEST_TIMER_MS = 2_147_483_647

/**
 * The subscriptions that are open in this process, by caller.
 *
 * Bounded twice: each holds a connection of a client and one to a subgraph for as long as its client likes, so that
 * one caller must not take them all (strawberry CVE-2026-35526).
 */
export class Places implements SubscriptionPlaces {
  readonly #options: StreamingOptions
  readonly #metrics: Metrics
  readonly #clock: Clock
  readonly #byCaller = new Map<string, number>()
  readonly #open = new Set<OpenSubscription>()
  #taken = 0
  #isStopped = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: StreamingOptions, metrics: Metrics, clock: Clock) {
    this.#options = options
    this.#metrics = metrics
    this.#clock = clock
  }

  readonly take = ({ key, expiresAtSeconds }: Principal): SubscriptionPlace => {
    const { maxOpen, maxOpenPerCaller } = this.#options
    if (this.#isStopped) throw shuttingDown()
    const ofCaller = this.#byCaller.get(key) ?? 0
    if (ofCaller >= maxOpenPerCaller) throw noPlace('This caller has too many subscriptions open.')
    if (this.#taken >= maxOpen) throw noPlace('Too many subscriptions are open.')
    this.#taken += 1
    this.#byCaller.set(key, ofCaller + 1)
    return this.#placeFor(key, expiresAtSeconds)
  }

  /** Ends whatever is open, and lets nobody in any more. */
  stop(): void {
    this.#isStopped = true
    clearInterval(this.#timer)
    for (const subscription of [...this.#open]) subscription.shutDown()
  }

  #placeFor(key: string, expiresAtSeconds: number | undefined): SubscriptionPlace {
    let held: OpenSubscription | undefined
    let expiry: NodeJS.Timeout | undefined
    let hasLeft = false
    return {
      hold: (subscription) => {
        held = subscription
        this.#open.add(subscription)
        this.#metrics.subscriptionOpened()
        if (this.#isStopped) {
          subscription.shutDown()
          return
        }
        this.#watch()
        expiry = this.#recheckAt(subscription, expiresAtSeconds)
      },
      answered: () => this.#metrics.countSubscriptionEvent(),
      leave: (end) => {
        if (hasLeft) return
        hasLeft = true
        clearTimeout(expiry)
        this.#giveBack(key)
        if (held === undefined) return
        this.#open.delete(held)
        this.#metrics.subscriptionEnded(end ?? 'failed')
      },
    }
  }

  #giveBack(key: string): void {
    this.#taken -= 1
    const left = (this.#byCaller.get(key) ?? 1) - 1
    if (left === 0) this.#byCaller.delete(key)
    else this.#byCaller.set(key, left)
  }

  /** A credential is not borne with until the next look: the moment at which it is refused is known. */
  #recheckAt(subscription: OpenSubscription, expiresAtSeconds = Infinity): NodeJS.Timeout | undefined {
    // Timers may be early by a part of a millisecond.
    const leftMs = Math.max(0, expiresAtSeconds * 1_000 - this.#clock.now()) + 1
    if (leftMs > LONGEST_TIMER_MS) return undefined
    return setTimeout(subscription.recheck, leftMs).unref()
  }

  /** One timer for all of them, and none while nothing is open. */
  #watch(): void {
    this.#timer ??= setInterval(() => this.#look(), this.#options.recheckSeconds * 1_000).unref()
  }

  #look(): void {
    if (this.#open.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    for (const subscription of [...this.#open]) subscription.recheck()
  }
}

function noPlace(message: string): GatewayError {
  return new GatewayError('SUBSCRIPTION_MAX_LIMIT', message, {
    headers: { 'retry-after': String(RETRY_SECONDS) },
    extensions: { retryAfterSeconds: RETRY_SECONDS },
  })
}
