import { receive, type Received } from './kernel/contexts.js'
import { Deadline } from './kernel/deadline.js'
import type { AskedExplanation } from './kernel/explanation.js'
import { ResponseHead } from './kernel/response-head.js'

const EXPLAIN_MS = 10_000

/** The request as a client would have sent it. */
export function toExplained({ query, operationName, variables, token }: AskedExplanation): Received {
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
