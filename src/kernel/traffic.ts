/** Takes what comes of a request when the line has counted it already. */
export interface TrafficAccount {
  /** Bytes of its body, and of what was answered to it. */
  readonly addBytes: (received: number, sent: number) => void
  /** An event of a subscription, and what it cost; absent for what has no events. */
  readonly addEvent?: (costUnits: number) => void
}

/**
 * Where that goes: the line says whose it is, others how much.
 *
 * A slot on the arrival, because the line has ended when the last byte is sent. Empty where nobody counts.
 */
export class Traffic {
  account: TrafficAccount | undefined = undefined
}
