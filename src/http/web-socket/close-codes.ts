/** A reason to close a socket, as the client sees it and as the reference page explains it. */
export interface Closing {
  readonly code: number
  /** The text of the close frame; at most 123 bytes of UTF-8 (RFC 6455 §5.5). */
  readonly reason: string
  /** Whether the client may connect again: not with the `same` behaviour, `later`, or with a new `credential`. */
  readonly retry: 'never' | 'later' | 'credential'
  /** For the reader of the reference. */
  readonly description: string
}

const closing = (code: number, reason: string, retry: Closing['retry'], description: string): Closing => ({
  code,
  reason,
  retry,
  description,
})

/**
 * Every close code that a client of `WS /graphql` can meet.
 *
 * Those from 4400 on that graphql-ws knows have its numbers and texts (its `CloseCode`; a test compares them), for
 * clients decide by them whether to come again.
 */
export const CLOSINGS = {
  goingAway: closing(
    1001,
    'Going away',
    'later',
    'This instance is stopping. Operations that were under way have had their answer; subscriptions have to be made again.',
  ),
  protocolError: closing(1002, '', 'never', 'The frames are not those of RFC 6455.'),
  notUtf8: closing(1007, '', 'never', 'A text message is not UTF-8.'),
  tooMany: closing(
    1008,
    'Too many messages',
    'later',
    'More messages than `server.webSocket.messagesPerSecond`, or one in more fragments than any honest client makes.',
  ),
  tooLarge: closing(1009, '', 'never', 'A message is larger than `server.webSocket.messageBytes`.'),
  tryAgainLater: closing(
    1013,
    'Try again later',
    'later',
    'The caller cannot be known at the moment, such as while the store of API keys is away, or too many bad credentials come from the same address.',
  ),
  tooSlow: closing(
    4008,
    'Reads too slowly',
    'later',
    'The client does not read what it asked for: more than `server.webSocket.sendBufferBytes` were waiting, or an event for `server.webSocket.pongTimeoutMs`.',
  ),
  badRequest: closing(
    4400,
    'Invalid message received',
    'never',
    'A message is binary, no JSON, of an unknown type or of a wrong shape; the reason says more.',
  ),
  unauthorized: closing(
    4401,
    'Unauthorized',
    'never',
    'An operation was sent before the server acknowledged the connection.',
  ),
  forbidden: closing(
    4403,
    'Forbidden',
    'credential',
    'The credential is missing where one is needed, is not valid, came in two kinds, or has expired or been revoked since.',
  ),
  subprotocolNotAcceptable: closing(
    4406,
    'Subprotocol not acceptable',
    'never',
    'The handshake named no subprotocol. One that named only others is refused with 400 instead.',
  ),
  initTimeout: closing(
    4408,
    'Connection initialisation timeout',
    'later',
    'No `connection_init` within `server.webSocket.initTimeoutMs`.',
  ),
  subscriberExists: closing(
    4409,
    'Subscriber already exists',
    'never',
    'An operation with this id is under way on this socket already.',
  ),
  tooManyInits: closing(
    4429,
    'Too many initialisation requests',
    'never',
    'A second `connection_init` on one socket.',
  ),
  internalError: closing(
    4500,
    'Internal server error',
    'later',
    'An unexpected fault of the gateway; the log has it under the id of the handshake.',
  ),
} as const satisfies Record<string, Closing>

export type ClosingName = keyof typeof CLOSINGS
