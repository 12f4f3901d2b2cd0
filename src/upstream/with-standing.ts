import { isFault, type SendCall } from './send-call.js'
import type { Standing } from './standing.js'

/** Keeps the standing of the subgraph, for health, by what comes of its calls. */
export function withStanding<Reply>(standing: Standing, send: SendCall<Reply>): SendCall<Reply> {
  return (call, settle) =>
    send(call, (outcome) => {
      if (!isFault(outcome)) standing.succeeded()
      else if (outcome.blames) standing.failed(outcome.reason)
      settle(outcome)
    })
}
