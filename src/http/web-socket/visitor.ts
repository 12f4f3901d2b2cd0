import type { Arrival } from '../../kernel/contexts.js'

/** What the handshake of a socket said of whoever opened it. */
export interface Visitor extends Pick<Arrival, 'credentials' | 'client'> {
  /** Of the handshake; names the socket in logs. */
  readonly requestId: string
  /** What the request ids of its operations begin with, so that they are found beside it in the log. */
  readonly operationPrefix: string
}
