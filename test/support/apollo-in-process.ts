/**
 * Planning with Apollo's planner in this process.
 *
 * The product gives it a thread, which takes half a second to load; tests of many small graphs cannot wait for one each.
 * Everything else is the product's: canonical operations, what is planned of them, and how plans are read.
 */
import federation from '@apollo/federation-internals'
import queryPlanner from '@apollo/query-planner'
import { parse } from 'graphql'
import type { PlannedOperation } from '../../src/federation/index.js'
import { federationOptions } from '../../src/federation/options.js'
import { fromApolloPlan } from '../../src/federation/planning/apollo-plan.js'
import { createCanonise } from '../../src/federation/planning/canonical-operation.js'
import { createOperationMemo } from '../../src/federation/planning/operation-memo.js'
import { NO_OVERRIDES } from '../../src/federation/planning/override-choice.js'
import { PlanCache } from '../../src/federation/planning/plan-cache.js'
import { Plans } from '../../src/federation/planning/plans.js'
import { toGatewaySdl } from '../../src/federation/supergraph/gateway-sdl.js'
import type { OperationRecord } from '../../src/kernel/operation.js'
import { SYSTEM_CLOCK } from '../../src/kernel/ports/clock.js'
import type { Supergraph } from '../../src/kernel/supergraph.js'

/** Plans operations on one supergraph, without rollouts of overrides. */
export function planInProcess(
  supergraph: Supergraph,
): (record: OperationRecord) => Promise<PlannedOperation> {
  const graph = federation.Supergraph.build(toGatewaySdl(supergraph))
  const planner = new queryPlanner.QueryPlanner(graph)
  const apiSchema = graph.apiSchema()
  const plans = new Plans({
    canonise: createCanonise(supergraph),
    memo: createOperationMemo(1024 * 1024),
    cache: new PlanCache(federationOptions.parse({}).planCache, SYSTEM_CLOCK),
    planner: {
      name: 'apollo',
      plan: async ({ source }) => {
        const operation = federation.operationFromDocument(apiSchema, parse(source))
        return { ...fromApolloPlan(planner.buildQueryPlan(operation)), planner: 'apollo' }
      },
      close: async () => undefined,
    },
  })
  return async (record) => {
    const { made, variables } = plans.find(record, NO_OVERRIDES)
    const { plan, planners } = await made
    return { plan, planners, valuesFor: variables.valuesFor }
  }
}
