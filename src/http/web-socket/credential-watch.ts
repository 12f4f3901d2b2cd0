import { isCredentialRefused } from '../../kernel/is-credential-refused.js'
import type { Clock } from '../../kernel/ports/clock.js'
import type { Principal } from '../../kernel/principal.js'

export interface CredentialWatchParts {
  readonly clock: Clock
  /** Longest time between two looks, in milliseconds. */
  readonly checkMs: number
  /** Knows the caller anew, by the same stage as every operation. */
  readonly identify: () => Principal | Promise<Principal>
  /** Is told once, when the credential is void. */
  readonly onVoid: () => void
}

/**
 * Notices that the credential of an open socket is void: at the moment at which it expires, and soon after it is
 * revoked, also while nothing is asked on the socket.
 *
 * What says nothing against the caller, such as a key store that is away or bad credentials of others at the same
 * address, is passed over: each operation has to be identified anyway.
 */
export class CredentialWatch {
  readonly #parts: CredentialWatchParts
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(parts: CredentialWatchParts) {
    this.#parts = parts
  }

  /** Watches from now on; an anonymous caller has nothing that could become void. */
  start(principal: Principal): void {
    if (principal.kind !== 'anonymous') this.#sleep(principal.expiresAtSeconds)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #sleep(expiresAtSeconds = Infinity): void {
    const { clock, checkMs } = this.#parts
    const leftMs = expiresAtSeconds * 1_000 - clock.now()
    this.#timer = setTimeout(() => void this.#look(expiresAtSeconds), Math.max(0, Math.min(checkMs, leftMs)))
    this.#timer.unref()
  }

  async #look(expiresAtSeconds: number): Promise<void> {
    const { clock, identify, onVoid } = this.#parts
    let expiry: number | undefined = expiresAtSeconds
    let isVoid = clock.now() >= expiresAtSeconds * 1_000
    if (!isVoid) {
      try {
        expiry = (await identify()).expiresAtSeconds
      } catch (error) {
        isVoid = isCredentialRefused(error)
      }
    }
    if (this.#isStopped) return
    if (isVoid) onVoid()
    else this.#sleep(expiry)
  }
}
