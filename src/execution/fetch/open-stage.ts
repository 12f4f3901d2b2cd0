import type { Opened, Planned } from '../../kernel/contexts.js'
import { GatewayError } from '../../kernel/gateway-error.js'
import type { QueryPlan } from '../../kernel/query-plan.js'
import type { Stage } from '../../kernel/stage.js'
import type { OpenSubgraphEvents, SubgraphEvents, SubgraphReply } from '../../kernel/upstream-call.js'
import { PassedHeaders, putPassed } from './passed-headers.js'
import { compileRequestBody, type WriteBody } from './request-body.js'

/**
 * Makes the stage that subscribes at the subgraph with which the plan of a subscription begins.
 *
 * Never rejects for what the subgraph does: a fault, or a reply instead of events, is what the fetch stage answers
 * then, as it would an event. REQUEST_CANCELLED ends the request.
 */
export function createOpenStage(openEvents: OpenSubgraphEvents): Stage<Planned, Opened> {
  const writers = new WeakMap<QueryPlan, WriteBody>()

  async function run(context: Planned): Promise<Opened> {
    const { plan, permitted, planVariables, principal, requestId, client, deadline } = context
    if (permitted === null || plan.node?.kind !== 'Subscription') return { ...context, source: undefined }
    const { primary } = plan.node
    const refused = context.refusedSubgraphs?.get(primary.subgraph)
    if (refused !== undefined) return { ...context, source: undefined, event: refused }
    const writeBody = writers.get(plan) ?? compileRequestBody(primary)
    writers.set(plan, writeBody)
    try {
      const opened = await openEvents({
        subgraph: primary.subgraph,
        operationType: 'subscription',
        operationName: primary.operationName,
        body: writeBody(planVariables),
        caller: { principal, requestId, client, deadline },
      })
      if (!isEvents(opened)) return { ...context, source: undefined, event: opened }
      if (opened.passed !== undefined) pass(opened.passed, context)
      return { ...context, source: opened }
    } catch (fault) {
      if (!(fault instanceof GatewayError) || fault.code === 'REQUEST_CANCELLED') throw fault
      return { ...context, source: undefined, event: fault }
    }
  }

  return { name: 'fetch', run }
}

function isEvents(opened: SubgraphEvents | SubgraphReply): opened is SubgraphEvents {
  return 'next' in opened
}

function pass(passed: NonNullable<SubgraphEvents['passed']>, { responseHead }: Planned): void {
  const headers = new PassedHeaders()
  headers.add(passed)
  putPassed(headers.values, responseHead)
}
