import { receive, type Received } from './kernel/contexts.js'
import { Deadline } from './kernel/deadline.js'
import type { JsonObject } from './kernel/json.js'
import { ResponseHead } from './kernel/response-head.js'

/** An operation that an operator wants explained, for the caller that a token names. */
export interface ExplainRequest {
  readonly query: string
  readonly operationName?: string | undefined
  readonly variables?: JsonObject | undefined
  /** Of the caller; absent for a caller without a credential. */
  readonly token?: string | undefined
}

const EXPLAIN_MS = 10_000

/** The request as a client would have sent it. */
export function toExplained({ query, operationName, variables, token }: ExplainRequest): Received {
  return receive(
    {
      requestId: 'explain',
      credentials: token === undefined ? {} : { authorization: `Bearer ${token}` },
      client: { address: '127.0.0.1' },
      deadline: new Deadline(EXPLAIN_MS),
      responseHead: new ResponseHead(),
    },
    {
      frontEnd: 'graphql',
      request: { query, operationName, variables, extensions: undefined, readOnly: false },
    },
  )
}
