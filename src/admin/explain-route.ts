import { isJsonObject, parseJson } from '../http/parse-json.js'
import type { Explanation } from '../kernel/explanation.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { JsonObject } from '../kernel/json.js'
import type { Route } from '../kernel/route.js'

/** What `POST /explain` takes: an operation, and the token of the caller whom it is explained for. */
export interface AskedExplanation {
  readonly query: string
  readonly operationName: string | undefined
  readonly variables: JsonObject | undefined
  readonly token: string | undefined
}

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
  const asked = parseJson(body, 'The body')
  if (!isJsonObject(asked)) throw new GatewayError('BAD_REQUEST', 'The body must be a JSON object.')
  const { query, operationName, variables, token } = asked
  if (typeof query !== 'string') throw new GatewayError('BAD_REQUEST', '`query` must be a string.')
  if (variables !== undefined && variables !== null && !isJsonObject(variables)) {
    throw new GatewayError('BAD_REQUEST', '`variables` must be an object.')
  }
  return {
    query,
    operationName: textOf('operationName', operationName),
    variables: variables ?? undefined,
    token: textOf('token', token),
  }
}

function textOf(name: string, value: JsonObject[string] | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw new GatewayError('BAD_REQUEST', `\`${name}\` must be a string.`)
}
