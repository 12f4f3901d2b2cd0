import { objectOrAbsent, textOrAbsent } from '../http/graphql-request.js'
import { parseJsonObject } from '../http/parse-json.js'
import type { AskedExplanation, Explanation } from '../kernel/explanation.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Route } from '../kernel/route.js'

export type Explain = (asked: AskedExplanation) => Promise<Explanation>

/** Makes the route on which operators ask why a caller gets what he gets; with the policy that serves now. */
export function createExplainRoute(explain: Explain): Route {
  return {
    method: 'POST',
    path: '/explain',
    handle: async ({ body }) => ({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(await explain(readAsked(body))),
    }),
  }
}

function readAsked(body: Buffer): AskedExplanation {
  const asked = parseJsonObject(body, 'The body')
  const query = textOrAbsent('query', asked['query'])
  if (query === undefined) throw new GatewayError('BAD_REQUEST', '`query` must be a string.')
  return {
    query,
    operationName: textOrAbsent('operationName', asked['operationName']),
    variables: objectOrAbsent('variables', asked['variables']),
    token: textOrAbsent('token', asked['token']),
    apiKey: textOrAbsent('apiKey', asked['apiKey']),
    clientName: textOrAbsent('clientName', asked['clientName']),
    clientVersion: textOrAbsent('clientVersion', asked['clientVersion']),
  }
}
