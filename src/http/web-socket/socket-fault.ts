import { CLOSINGS, type ClosingName } from './close-codes.js'

/** Bytes of UTF-8 that the reason of a close frame may have (RFC 6455 §5.5). */
const REASON_BYTES = 123

/** What ends a whole socket, and not only one operation on it. */
export class SocketFault extends Error {
  override readonly name = 'SocketFault'
  readonly closing: ClosingName

  /** `message` is told to the client in place of the usual reason, where it fits into a close frame. */
  constructor(closing: ClosingName, message: string = CLOSINGS[closing].reason) {
    super(Buffer.byteLength(message) > REASON_BYTES ? CLOSINGS[closing].reason : message)
    this.closing = closing
  }
}
