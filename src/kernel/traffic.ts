/** Takes the bytes of a request and of what was answered to it. */
export interface TrafficAccount {
  readonly addBytes: (received: number, sent: number) => void
}

/**
 * Where the bytes of one request go: the line says whose they are, the front end how many.
 *
 * A slot on the arrival, because the line has ended when the last byte is sent. Empty where nobody counts.
 */
export class Traffic {
  account: TrafficAccount | undefined = undefined
}
