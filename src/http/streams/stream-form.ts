import type { Answer } from '../../kernel/answer.js'

/** How the answers of a stream stand in the body of one response. */
export interface StreamForm {
  readonly contentType: string
  /** Written with the head. */
  readonly opening: string
  readonly heartbeat: string
  readonly part: (answer: Answer) => string
  /** Written when there is no more. */
  readonly closing: string
}

/**
 * GraphQL over server-sent events, "distinct connections" mode (graphql-sse, PROTOCOL.md).
 *
 * JSON text holds no line break outside of its white space, which ours does not have; what came from a subgraph as it
 * was may have some.
 */
export const EVENT_STREAM: StreamForm = {
  contentType: 'text/event-stream; charset=utf-8',
  opening: ':\n\n',
  heartbeat: ':\n\n',
  part: ({ text }) => `event: next\ndata: ${onLines(text)}\n\n`,
  closing: 'event: complete\ndata:\n\n',
}

function onLines(text: string): string {
  return /[\r\n]/.test(text) ? text.split(/\r\n|\r|\n/).join('\ndata: ') : text
}

const DELIMITER = '\r\n--graphql'

/** Ends with the next delimiter: clients take a part for whole only when they see it. */
const toPart = (text: string): string => `\r\ncontent-type: application/json\r\n\r\n${text}${DELIMITER}`

/**
 * The multipart protocol of Apollo's routers and clients, version 1.0: what ended a subscription stands beside a
 * payload that is null, and a part without anything is a heartbeat.
 */
export const MULTIPART: StreamForm = {
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  opening: `${DELIMITER}${toPart('{}')}`,
  heartbeat: toPart('{}'),
  part: (answer) => toPart(toPayload(answer)),
  closing: '--\r\n',
}

/** An answer without data is what ends a request, not what an event brought. */
function toPayload(answer: Answer): string {
  if (!answer.text.startsWith('{"errors":')) return `{"payload":${answer.text}}`
  const { data, errors } = answer.body
  return data === undefined ? JSON.stringify({ payload: null, errors }) : `{"payload":${answer.text}}`
}
