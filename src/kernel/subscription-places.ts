import type { StreamEnd } from './answer-stream.js'
import type { Principal } from './principal.js'

/** An open subscription, for those who may have to end it. */
export interface OpenSubscription {
  /** This instance stops. */
  readonly shutDown: () => void
  /** Looks whether the caller's credential is still good, and ends the subscription where it is not. */
  readonly recheck: () => void
}

/** The place of one subscription among those that may be open. */
export interface SubscriptionPlace {
  /** Says that it is open now: it may be ended at once. */
  readonly hold: (subscription: OpenSubscription) => void
  /** Counts an answer that was handed to the reader. */
  readonly answered: () => void
  /** Gives the place back; later calls do nothing. Undefined: it was never open. */
  readonly leave: (end: StreamEnd | undefined) => void
}

/** Bounds how many subscriptions are open in this process; outlives generations. */
export interface SubscriptionPlaces {
  /** Raises SUBSCRIPTION_MAX_LIMIT where there is none left, and SHUTTING_DOWN where the instance stops. */
  readonly take: (principal: Principal) => SubscriptionPlace
}
