import { receive, type Received } from './kernel/contexts.js'
import { Deadline } from './kernel/deadline.js'
import type { AskedExplanation, Explanation } from './kernel/explanation.js'
import { GatewayError } from './kernel/gateway-error.js'
import { ResponseHead } from './kernel/response-head.js'
import { Unchecked } from './kernel/unchecked.js'
import type { ExplainOperation } from './pipeline/explain-operation.js'

const EXPLAIN_MS = 10_000

/**
 * Explains what an operator asks about.
 *
 * He is told where a token could not be checked: clients are not, and get the same 401 as for one that is not valid.
 */
export async function explainAsked(explain: ExplainOperation, asked: AskedExplanation): Promise<Explanation> {
  try {
    return await explain(toReceived(asked))
  } catch (error) {
    const unchecked = uncheckedCause(error)
    if (unchecked === undefined) throw error
    throw new GatewayError(
      'IDENTITY_UNAVAILABLE',
      `The access token could not be checked now; requests with it are UNAUTHENTICATED meanwhile. ${unchecked.message}`,
      { cause: error },
    )
  }
}

/** The request as a client would have sent it. */
function toReceived(asked: AskedExplanation): Received {
  const { query, operationName, variables, token, apiKey, clientName, clientVersion } = asked
  return receive(
    {
      requestId: 'explain',
      credentials: { apiKey, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      client: { address: '127.0.0.1', name: clientName, version: clientVersion },
      deadline: new Deadline(EXPLAIN_MS),
      responseHead: new ResponseHead(),
    },
    {
      frontEnd: 'graphql',
      request: { query, operationName, variables, extensions: undefined, readOnly: false },
    },
  )
}

function uncheckedCause(error: unknown): Unchecked | undefined {
  if (error instanceof Unchecked) return error
  return error instanceof Error ? uncheckedCause(error.cause) : undefined
}
