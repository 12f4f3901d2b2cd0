import type { Answer } from './answer.js'

/**
 * Why a stream of answers is over.
 *
 * - `completed`: the source has no more events;
 * - `stopped`: the reader called `return`;
 * - `failed`: the source broke off, or an event could not be carried out; the last answer says why;
 * - `expired`: the principal's credential is void from now on (WebSocket: 4403);
 * - `reloaded`: policy or graph changed, and the subscription has to be made anew under them;
 * - `shutdown`: this instance is stopping.
 */
export type StreamEnd = 'completed' | 'stopped' | 'failed' | 'expired' | 'reloaded' | 'shutdown'

/**
 * The answers of a subscription, one for each event of its source (GraphQL specification §6.2.3).
 *
 * Not an async generator: `return` of one waits for an event that may never come. `next` never rejects: what ends a
 * stream is told by its last answer and by {@link end}. Whoever reads no further calls `return`, which lets go of
 * the source.
 */
export interface AnswerStream extends AsyncIterableIterator<Answer> {
  readonly return: () => Promise<IteratorResult<Answer>>
  /** Undefined while more may come. */
  readonly end: StreamEnd | undefined
}
