import type { Arrival } from '../contexts.js'

/** Slows whoever keeps coming with credentials that are not valid: such requests reach no other limit. */
export interface CredentialFailures {
  /**
   * Raises REQUEST_RATE_LIMITED where the address has had too many; to be called before a credential is verified that
   * is not known yet. Costs next to nothing and waits for nobody.
   */
  readonly assertOpen: (arrival: Arrival) => void
  /** Counts a request that is refused with 401 and raises its refusal, or REQUEST_RATE_LIMITED over the limit. */
  readonly refuse: (arrival: Arrival, failure: unknown) => Promise<never>
}
