import { GatewayError } from '../../kernel/gateway-error.js'
import type { BatchFetchNode, FetchNode } from '../../kernel/query-plan.js'
import type { SubgraphReply, SubscriptionEvent } from '../../kernel/upstream-call.js'
import type { FetchPlace } from './fault-reporter.js'
import { PassedHeaders } from './passed-headers.js'
import type { PlanTools, Run } from './run.js'
import { strictestPolicy } from './strictest-policy.js'

/** One call and what to do with its reply. */
export interface Exchange {
  readonly fetch: FetchNode | BatchFetchNode
  readonly place: FetchPlace
  readonly body: string
  /** Takes the reply over; what it throws counts as a failure of the fetch. */
  readonly take: (reply: SubgraphReply) => void
}

/** Calls the subgraph; a failure becomes an error of the answer, never a rejection, unless the client left. */
export async function performExchange(tools: PlanTools, run: Run, exchange: Exchange): Promise<void> {
  const { fetch, body } = exchange
  const { subgraph, operationName } = fetch
  const operationType = fetch.kind === 'Fetch' ? fetch.operationType : 'query'
  try {
    const refusal = run.refused?.get(subgraph)
    if (refusal !== undefined) throw refusal
    const reply = await tools.call({ subgraph, operationType, operationName, body, caller: run.caller })
    takeReply(run, exchange, reply)
  } catch (fault) {
    reportFault(tools, run, exchange, fault)
  }
}

/** Puts what was sent without being asked for in the place of a fetch's reply. */
export function performEvent(
  tools: PlanTools,
  run: Run,
  exchange: Omit<Exchange, 'body'>,
  event: SubscriptionEvent,
): void {
  try {
    if (event instanceof GatewayError) throw event
    takeReply(run, exchange, event)
  } catch (fault) {
    reportFault(tools, run, exchange, fault)
  }
}

function takeReply(run: Run, exchange: Pick<Exchange, 'take'>, reply: SubgraphReply): void {
  run.cachePolicy = strictestPolicy(run.cachePolicy, reply.cachePolicy)
  if (run.isEscapeFree && reply.text.includes('\\')) run.isEscapeFree = false
  run.bareText = reply.isBare === true ? reply.text : undefined
  if (reply.passed !== undefined) {
    run.passed ??= new PassedHeaders()
    run.passed.add(reply.passed)
  }
  exchange.take(reply)
}

function reportFault(
  tools: PlanTools,
  run: Run,
  { fetch, place }: Omit<Exchange, 'body'>,
  fault: unknown,
): void {
  tools.faults.failed(run, place, fault instanceof RangeError ? malformed(fetch.subgraph) : fault)
}

/** The answer of a subgraph that cannot be used; the message is the same whatever was wrong with it. */
export function malformed(subgraph: string): GatewayError {
  return new GatewayError(
    'SUBREQUEST_MALFORMED_RESPONSE',
    `Subgraph '${subgraph}' answered with something that does not fit the request.`,
  )
}
